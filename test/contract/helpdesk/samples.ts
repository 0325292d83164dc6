/** Operations as a plan would hold them, each with a word that can be found again at the helpdesk, and the loop that retries them. */
import { v7 } from 'uuid';
import { createStep, type Journal } from '../../../src/delivery/steps.ts';
import {
  ConnectorError,
  type Identity,
  type InternalText,
  type OpenOperation,
  type Operation,
  type OperationResult,
  type PublicText,
  type SummarizeOperation,
  type TicketRef,
} from '../../../src/kit/index.ts';
import type { HelpdeskSuite, HelpdeskUnderTest } from './under-test.ts';

export interface Sample {
  readonly operation: Operation;
  /** Stands in every object that the operation makes at the helpdesk. */
  readonly mark: string;
  /** How many such objects one effect is. */
  readonly effect: number;
  /** Stands in internal texts alone. */
  readonly secret: string;
}

export type SampleName = Operation['kind'] | 'append-and-resolve' | 'reply-and-resolve';

const publicly = (text: string): PublicText => ({ kind: 'public', blocks: [{ type: 'paragraph', text }] });

function internally(text: string): InternalText {
  const entry = { at: Date.parse('2026-11-19T11:58:00Z'), author: 'Ana <b>', role: 'agent', text, files: [], internal: true } as const;
  return {
    kind: 'internal',
    blocks: [
      { type: 'heading', text: 'Resumo' },
      { type: 'paragraph', text: 'Problema: catraca não libera & "apita" <script>alert(1)</script>' },
      { type: 'transcript', zone: 'America/Sao_Paulo', locale: 'pt-BR', entries: [entry] },
    ],
  };
}

export const who = {
  mail: (mark: string): Identity[] => [{ kind: 'email', value: `${mark}@example.com`, verified: true }],
  phone: (_mark: string): Identity[] => [{ kind: 'phone', value: `+55119${Math.random().toString().slice(2, 10)}`, verified: true }],
  account: (mark: string): Identity[] => [{ kind: 'account', value: mark, scope: 'widget', verified: true }],
};

/** `mark` is lower case and short, so that it passes as a tag. */
export function open(under: HelpdeskUnderTest, identities: (mark: string) => Identity[] = who.mail): Sample & { operation: OpenOperation } {
  const id = v7();
  const mark = `mark${id.slice(-12)}`;
  const secret = `internal${id.slice(-12)}`;
  const operation: OpenOperation = {
    id,
    revision: 1,
    kind: 'open',
    subject: `Catraca não libera ${mark}`,
    description: publicly('Bom dia, a catraca não libera ninguém'),
    note: internally(secret),
    requester: { contact: v7(), name: 'Maria Souza', identities: identities(mark) },
    values: under.values.open,
    files: [],
  };
  return { operation, mark, effect: 1, secret };
}

export function samples(under: HelpdeskUnderTest): Record<SampleName, Sample> {
  const make = (build: (base: { id: string; revision: number }, mark: string, secret: string) => Operation, effect = 1): Sample => {
    const id = v7();
    const mark = `mark${id.slice(-12)}`;
    const secret = `internal${id.slice(-12)}`;
    return { operation: build({ id, revision: 1 }, mark, secret), mark, effect, secret };
  };
  const [ticket, other] = under.tickets;
  const both = (mark: string, secret: string): InternalText => internally(`${secret} ${mark}`);
  const { subject, description, requester, values } = open(under).operation;
  const ifClosed = { kind: 'open', subject, description, note: internally('follow-up'), requester, values, files: [] } as const;
  return {
    open: open(under),
    append: make((base, mark, secret) => ({ ...base, kind: 'append', ticket, note: both(mark, secret), files: [], ifClosed })),
    'append-and-resolve': make((base, mark, secret) => ({
      ...base,
      kind: 'append',
      ticket,
      note: both(mark, secret),
      files: [],
      values: under.values.resolve,
      ifClosed,
    })),
    summarize: make((base, mark, secret) => ({ ...base, kind: 'summarize', ticket, note: both(mark, secret) })),
    note: make((base, mark, secret) => ({ ...base, kind: 'note', ticket, note: both(mark, secret), files: [] })),
    reply: make((base, mark) => ({ ...base, kind: 'reply', ticket, reply: publicly(`Pode testar agora? ${mark}`), files: [] })),
    'reply-and-resolve': make((base, mark) => ({
      ...base,
      kind: 'reply',
      ticket,
      reply: publicly(`Resolvido, pode testar. ${mark}`),
      files: [],
      values: under.values.resolve,
    })),
    logTime: make((base, mark, secret) => ({
      ...base,
      kind: 'logTime',
      ticket,
      minutes: 25,
      billable: true,
      agent: under.agent ?? 'ana@example.com',
      note: both(mark, secret),
      at: under.clock.now() - 25 * 60_000,
    })),
    update: make((base, mark) => ({ ...base, kind: 'update', ticket, values: { tags: [mark] } })),
    link: make((base, mark, secret) => ({ ...base, kind: 'link', tickets: [ticket, other], notes: [both(mark, secret), both(mark, secret)] }), 2),
  };
}

/** The kinds that this helpdesk's plans can hold: with a private first comment nothing is summarized apart. */
export function kindsOf({ capabilities, refuses = [] }: HelpdeskSuite): SampleName[] {
  const left: SampleName[] = [
    ...refuses,
    ...(refuses.includes('reply') ? (['reply-and-resolve'] as const) : []),
    ...(capabilities.privateFirstComment ? (['summarize'] as const) : []),
    ...(capabilities.timeEntries ? [] : (['logTime'] as const)),
  ];
  const all: SampleName[] = ['open', 'append', 'append-and-resolve', 'summarize', 'note', 'reply', 'reply-and-resolve', 'update', 'link', 'logTime'];
  return all.filter((kind) => !left.includes(kind));
}

export const summarize = (ticket: TicketRef, text = 'Problema, feito, falta'): SummarizeOperation => ({
  id: v7(),
  revision: 1,
  kind: 'summarize',
  ticket,
  note: internally(text),
});

/** Runs an operation as the delivery engine does: again and again over one journal, waiting as each error says, each time on a fresh instance. */
export async function drive(under: HelpdeskUnderTest, operation: Operation, journal: Journal): Promise<OperationResult> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    try {
      return await under.connect().run(operation, createStep(journal, under.clock));
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.retry === 'never') throw error;
      under.clock.advance(error.retry === 'backoff' ? 30_000 : error.retry.afterMs);
    }
  }
  throw new Error('not done after 40 attempts');
}
