/** Tickets that a chat may belong to, best first, each with why it is proposed. Works on words and facts alone. Pure. */
import type { DeskStatus, Ticket } from '../kit/index.ts';
import type { FactMessage, Facts } from './facts.ts';

export interface CandidateTicket extends Ticket {
  readonly statusOf: DeskStatus | undefined;
  /** The conversation answers a contact that was made from this ticket, or continues one that was filed in it. */
  readonly writtenFrom: boolean;
  /** The former of the two: an agent chose this ticket and this person. */
  readonly contactedFrom: boolean;
  /** The vendor keeps this very conversation as that ticket. */
  readonly native: boolean;
}

export interface Candidate {
  readonly ticket: CandidateTicket;
  readonly reasons: readonly { readonly key: string; readonly values: Readonly<Record<string, string>> }[];
  readonly score: number;
  readonly preselect: boolean;
  readonly closed: boolean;
}

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const wordsOf = (text: string): Set<string> => new Set(fold(text).match(/\p{L}{5,}/gu) ?? []);
const dayMs = 86_400_000;

/** Weights: being the ticket already, being asked from it, or naming its number, outweighs all else; words alone never suffice to preselect. */
const weights = { native: 120, 'written-from': 100, 'subject-number': 60, 'same-topic': 25, 'same-contact': 15, 'same-company': 10, words: 4 } as const;

function reasonsFor(ticket: CandidateTicket, facts: Facts, said: string, topics: readonly string[]): Candidate['reasons'] {
  const reasons: { key: keyof typeof weights; values: Record<string, string> }[] = [];
  if (ticket.native) reasons.push({ key: 'native', values: {} });
  if (ticket.writtenFrom) reasons.push({ key: 'written-from', values: {} });
  if (new RegExp(`#\\s?${ticket.ref.number}\\b`).test(said)) reasons.push({ key: 'subject-number', values: {} });
  const shared = facts.mapping.topicsOf(ticket.subject).find((topic) => topics.includes(topic));
  const title = facts.mapping.topics.find(({ key }) => key === shared)?.title;
  if (title) reasons.push({ key: 'same-topic', values: { topic: title } });
  const desk = facts.desks[ticket.ref.helpdesk];
  if (ticket.requester && Object.values(desk?.requesters ?? {}).some((requester) => requester?.id === ticket.requester?.id))
    reasons.push({ key: 'same-contact', values: {} });
  if (ticket.company && facts.contact.companies.some(({ name }) => fold(name) === fold(ticket.company?.name ?? '')))
    reasons.push({ key: 'same-company', values: {} });
  const common = [...wordsOf(ticket.subject)].filter((word) => wordsOf(said).has(word)).slice(0, 3);
  if (common.length && !title) reasons.push({ key: 'words', values: { words: common.join(', ') } });
  return reasons;
}

const isOpen = (ticket: CandidateTicket): boolean => ticket.statusOf?.meaning !== 'resolved' && ticket.statusOf?.meaning !== 'closed';

/** The helpdesk may know the person who answers by another number, or not at all; only another company of theirs speaks against the ticket. */
const isAnswer = (ticket: CandidateTicket, facts: Facts): boolean => ticket.contactedFrom && (ticket.company === null || facts.contact.companies.length === 0);

/**
 * Preselects at most one: the ticket that the chat is at its vendor, who says so itself, unless it is closed for good; else one that is open, of this company or contact, and asked for (written from it, or its number named) or the only one of the same topic.
 * A contact that nobody vouched for gets no preselection: a forged sender must not reach a customer's ticket by one key.
 */
export function rankCandidates(tickets: readonly CandidateTicket[], facts: Facts, topics: readonly string[]): readonly Candidate[] {
  const said = facts.messages
    .filter((message: FactMessage) => message.role === 'contact' && !message.deleted)
    .map((message) => `${message.subject ?? ''} ${message.text}`)
    .join('\n');
  const vouched = facts.contact.identities.some(({ verified }) => verified);
  const ranked = tickets
    .map((ticket) => ({ ticket, reasons: reasonsFor(ticket, facts, said, topics) }))
    .map(({ ticket, reasons }) => ({
      ticket,
      closed: ticket.statusOf?.meaning === 'closed',
      score:
        reasons.reduce((sum, { key }) => sum + weights[key as keyof typeof weights], 0) +
        (isOpen(ticket) ? 5 : 0) -
        Math.min(5, (facts.now - ticket.updatedAt) / (30 * dayMs)),
      reasons: [...reasons, { key: 'open-days', values: { days: String(Math.max(0, Math.floor((facts.now - ticket.createdAt) / dayMs))) } }],
    }))
    .sort((a, b) => b.score - a.score || (a.ticket.ref.id < b.ticket.ref.id ? -1 : 1));
  const has = (one: { reasons: Candidate['reasons'] }, ...keys: string[]): boolean => one.reasons.some(({ key }) => keys.includes(key));
  const eligible = ranked.filter((one) => vouched && isOpen(one.ticket) && (has(one, 'same-contact', 'same-company') || isAnswer(one.ticket, facts)));
  const asked = eligible.filter((one) => has(one, 'written-from', 'subject-number'));
  const same = eligible.filter((one) => has(one, 'same-topic'));
  const native = ranked.find((one) => one.ticket.native && !one.closed);
  const chosen = native ?? (asked.length === 1 ? asked[0] : asked.length === 0 && same.length === 1 ? same[0] : undefined);
  return ranked.map((one) => ({ ...one, preselect: one === chosen }));
}
