/** Messages that come after a closing: what the mapping's rule makes of them. Pure: the same facts give the same answer. */
import { isSubstance } from './accounting.ts';
import type { Decision } from './decision.ts';
import { decision } from './decision.ts';
import type { FactMessage, Facts } from './facts.ts';

/** A ticket that the earlier closing was filed in. */
export interface FiledTicket {
  readonly helpdesk: string;
  readonly id: string;
  /** Key of the mapping's topics, where the closing or the ticket's subject tells one. */
  readonly topic: string | null;
}

/** The closing of a person that the conversation comes after. */
export interface EarlierClosing {
  readonly contact: string;
  readonly at: number;
  readonly tickets: readonly FiledTicket[];
  /** Every delivery of it is done. */
  readonly done: boolean;
}

export type LateVerdict =
  /** Too early to tell: somebody may still be writing, a file is on its way, the earlier closing is not through. */
  | { readonly is: 'wait' }
  /** A new conversation like any other. */
  | { readonly is: 'agent'; readonly why: string }
  | { readonly is: 'file'; readonly decision: Decision };

/** A greeting and the question that follows it are judged together. */
export const quietMs = 60_000;

const agent = (why: string): LateVerdict => ({ is: 'agent', why });

/** `earlier` is undefined where the conversation continues nothing that a person filed. */
export function judgeLate(facts: Facts, earlier: EarlierClosing | undefined): LateVerdict {
  const rule = facts.mapping.late;
  const messages = facts.messages.filter(({ deleted }) => !deleted);
  const last = messages.at(-1);
  if (!rule || !earlier || !last) return agent('there is no rule, or nothing was filed before');
  // Whoever nobody vouches for is somebody else, whatever message they claim to answer.
  if (earlier.contact !== facts.contact.id) return agent('somebody else writes');
  if (messages.some(({ role }) => role !== 'contact')) return agent('somebody answers already');
  if (messages.some(({ at }) => at - earlier.at > rule.withinMs)) return agent('it came too late');
  if (facts.now - last.at < quietMs || !earlier.done || messages.some(isLoading)) return { is: 'wait' };
  const substance = messages.filter((message) => isSubstance(message, facts));
  if (substance.length > 0 || rule.courtesy.reopen) return file(facts, ticketFor(facts, earlier, substance), substance, rule.status);
  return rule.courtesy.note ? file(facts, earlier.tickets, [], null) : agent('the rule leaves courtesies alone');
}

const isLoading = ({ files }: FactMessage): boolean => files.some(({ state }) => state === 'waiting');

/** The ticket of the topic; the only one there is, unless the message speaks of another topic; nothing where that is not plain. */
function ticketFor(facts: Facts, { tickets }: EarlierClosing, substance: readonly FactMessage[]): readonly FiledTicket[] {
  const topics = new Set(substance.flatMap(({ text }) => facts.mapping.topicsOf(text)));
  if (topics.size > 1) return [];
  const [topic] = topics;
  const fitting = topic === undefined ? tickets : tickets.filter((ticket) => ticket.topic === topic || ticket.topic === null);
  return fitting.length === 1 ? fitting : [];
}

function file(facts: Facts, tickets: readonly FiledTicket[], substance: readonly FactMessage[], status: string | null): LateVerdict {
  if (tickets.length === 0) return agent('no one ticket is meant');
  if (tickets.some((ticket) => isClosed(facts, ticket))) return agent('the ticket is closed or gone');
  const parts = tickets.map(({ helpdesk, id, topic }, index) => ({
    key: `late-${index + 1}`,
    topic,
    messages: substance.map((message) => message.id),
    target: { kind: 'append' as const, ticket: { helpdesk, id }, status: status === null ? ('keep' as const) : ('outcome' as const) },
    outcome: status === null ? null : { status },
  }));
  return { is: 'file', decision: decision.parse({ covers: facts.messages.at(-1)?.id ?? '', parts }) };
}

function isClosed(facts: Facts, { helpdesk, id }: FiledTicket): boolean {
  const desk = facts.desks[helpdesk];
  const ticket = desk?.tickets[id];
  return !ticket || desk.schema?.statuses.find((one) => one.id === ticket.status)?.meaning === 'closed';
}
