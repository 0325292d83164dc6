/** Several people at once, each working through one case after the other. */
import type { Agent } from './agent.ts';
import { type Case, type CasePart, type ChannelName, caseOf } from './cases.ts';
import type { HeldTicket } from './held.ts';
import type { KeptPart, Ledger } from './ledger.ts';
import type { Senders } from './senders.ts';

export interface WorkParts {
  readonly seed: number;
  readonly channels: readonly [ChannelName, ...ChannelName[]];
  readonly senders: Senders;
  readonly agent: Agent;
  readonly ledger: Ledger;
  /** What helpdesks hold now. */
  held(): readonly HeldTicket[];
}

export interface Work {
  /** Begins no further case, as a case that failed does too. Resolves when those under way have come to their end. */
  finish(): Promise<void>;
}

const people = 8;
/** Vendors let one ticket be changed so often within minutes. */
const mostAppends = 6;

export function startWork(parts: WorkParts): Work {
  let next = 0;
  let going = true;
  const choose = ticketChooser(parts);

  async function person(): Promise<void> {
    while (going) {
      const n = next++;
      const one = caseOf(parts.seed, n, parts.channels);
      await workThrough(parts, one, choose).then(
        () => parts.ledger.unfinished.delete(n),
        (error: unknown) => {
          const stage = parts.ledger.unfinished.get(n);
          going = false;
          parts.ledger.unfinished.set(n, `${error instanceof Error ? error.message : String(error)}${stage ? ` (${stage})` : ''}`);
        },
      );
    }
  }

  const everybody = Array.from({ length: people }, person);
  return {
    async finish() {
      going = false;
      await Promise.all(everybody);
    },
  };
}

async function workThrough({ senders, agent }: WorkParts, one: Case, choose: (part: CasePart) => KeptPart): Promise<void> {
  await senders.messages(one);
  const { id } = await agent.find(one);
  if (one.note) await agent.say(one, id, 'note', one.note);
  if (one.reply) await agent.say(one, id, 'reply', one.reply);
  if (one.ended) await senders.end(one, id);
  if (one.parts.length === 0) return;
  await agent.close(one, id, one.parts.map(choose));
  senders.leave(one);
  if (one.late) await senders.late(one, one.late);
}

/** An append goes to a ticket that an earlier closing opened and left open; one is resolved at most once, so that its end is known. */
function ticketChooser({ ledger, held }: WorkParts): (part: CasePart) => KeptPart {
  const appends = new Map<string, number>();
  const resolved = new Set<string>();

  return (part) => {
    if (part.kind === 'new') return part;
    const titles = ledger.closings.flatMap(({ parts }) =>
      parts.filter(({ kind, helpdesk, status }) => kind === 'new' && helpdesk === part.helpdesk && status === 'open').map(({ title }) => title),
    );
    const free = held().filter(
      ({ helpdesk, id, subject }) =>
        helpdesk === part.helpdesk && !resolved.has(id) && (appends.get(id) ?? 0) < mostAppends && titles.some((title) => subject.includes(title)),
    );
    // The newest that nobody else has taken: as an agent who looks at the top of the list.
    const ticket = free.at(-1);
    if (!ticket) return { ...part, kind: 'new', status: part.status === 'keep' ? 'open' : part.status };
    appends.set(ticket.id, (appends.get(ticket.id) ?? 0) + 1);
    if (part.status !== 'keep') resolved.add(ticket.id);
    return { ...part, ticket: ticket.id };
  };
}
