/** What a connector's tests give to the helpdesk suite. */
import type { Blobs, Helpdesk, HelpdeskCapabilities, Operation, TicketRef, TicketValues } from '../../../src/kit/index.ts';
import type { Dials } from '../../../src/kit/simulator.ts';
import type { TestClock } from '../../support/context.ts';

export interface HelpdeskUnderTest {
  /** The clock that connector and simulator share. */
  readonly clock: TestClock;
  readonly blobs: Blobs;
  /** The simulator's; absent only where `network` is false. */
  readonly dials?: Dials;
  /** A new instance over the same remote state and records, as after a restart. */
  connect(): Helpdesk;
  /** Each object at the helpdesk (ticket, note, reply, summary) that holds this text, named once however many of its fields hold it. */
  places(text: string): readonly string[] | Promise<readonly string[]>;
  /** Everything that a requester can read, as one text: subjects, descriptions, public comments, mails. */
  requesterSees(): string | Promise<string>;
  /** Two open tickets that exist already. */
  readonly tickets: readonly [TicketRef, TicketRef];
  /** A ticket that does not exist any more. */
  readonly missing: TicketRef;
  /** Values in this helpdesk's own ids: those a new ticket needs, and those that resolve one. */
  readonly values: { readonly open: TicketValues; readonly resolve: TicketValues & { readonly status: string } };
  /** E-mail address of an agent that the helpdesk knows, where it keeps time sheets. */
  readonly agent?: string;
  close(): Promise<void>;
}

export interface HelpdeskSuite {
  readonly name: string;
  readonly capabilities: HelpdeskCapabilities;
  /** `timeoutMs` is for the connector's HTTP: short where a fault is silence, else long enough for a busy machine. */
  make(options: { timeoutMs: number }): Promise<HelpdeskUnderTest>;
  /** False for a desk without HTTP in between: faults and calls are then left out. */
  readonly network: boolean;
  /** Kinds that this helpdesk refuses on purpose: a plan never holds them. */
  readonly refuses?: readonly Operation['kind'][];
  /** Calls that each way of closing must cost, without attachments and look-ups. */
  readonly calls?: { readonly open: number; readonly appendAndResolve: number; readonly splitInThree: number };
}

export const patient = { timeoutMs: 10_000 };
/** Silence is waited for in real time. */
export const impatient = { timeoutMs: 150 };

/** Runs a test against a fresh helpdesk and always takes it down. */
export async function withHelpdesk(suite: HelpdeskSuite, test: (under: HelpdeskUnderTest) => Promise<void>, options = patient): Promise<void> {
  const under = await suite.make(options);
  try {
    await test(under);
  } finally {
    await under.close();
  }
}

export function dialsOf(under: HelpdeskUnderTest): Dials {
  if (!under.dials) throw new Error('this suite says network: true, so it must give dials');
  return under.dials;
}
