/** What the closing dialog opens with. Nothing here is a decision: outcome and impact are never preselected. Pure. */
import { isSubstance } from './accounting.ts';
import { type Candidate, type CandidateTicket, rankCandidates } from './candidates.ts';
import type { Facts } from './facts.ts';
import { messagesByTopic } from './topics.ts';

export interface ProposedPart {
  readonly key: string;
  readonly topic: string | null;
  readonly title: string;
  readonly messages: readonly string[];
  readonly summary: string;
}

export interface ClosingProposal {
  readonly covers: string;
  readonly way: 'new' | 'append' | 'split' | 'none';
  readonly parts: readonly ProposedPart[];
  readonly courtesies: readonly string[];
  readonly titles: readonly { readonly topic: string | null; readonly title: string }[];
  readonly candidates: readonly Candidate[];
}

function proposePart(key: string, topic: string | null, messages: readonly string[], facts: Facts): ProposedPart {
  const said = facts.messages.filter((message) => message.role === 'contact' && messages.includes(message.id)).map(({ text }) => text);
  const title = facts.mapping.proposeTitles(topic, said)[0] ?? '';
  return { key, topic, title, messages, summary: facts.mapping.summary.template(title) };
}

export function proposeClosing(facts: Facts, tickets: readonly CandidateTicket[]): ClosingProposal {
  const substance = facts.messages.filter((message) => isSubstance(message, facts)).map(({ id }) => id);
  const byTopic = messagesByTopic(facts);
  const topics = [...byTopic.keys()];
  const parts =
    topics.length > 1
      ? [...byTopic].map(([topic, messages], index) => proposePart(`p${index + 1}`, topic, messages, facts))
      : [proposePart('p1', topics[0] ?? null, substance, facts)];
  const candidates = rankCandidates(tickets, facts, topics);
  const way = substance.length === 0 ? 'none' : parts.length > 1 ? 'split' : candidates.some(({ preselect }) => preselect) ? 'append' : 'new';
  const said = facts.messages.filter((message) => message.role === 'contact' && substance.includes(message.id)).map(({ text }) => text);
  const kept = facts.mapping.topics.map(({ key, title }) => ({ topic: key, title }));
  const own = facts.mapping.proposeTitles(null, said).map((title) => ({ topic: null, title }));
  return {
    covers: facts.messages.at(-1)?.id ?? '',
    way,
    parts,
    courtesies: facts.messages.filter((message) => !message.filed && !message.deleted && !substance.includes(message.id)).map(({ id }) => id),
    titles: [...kept, ...own.filter(({ title }) => title && !kept.some((one) => one.title === title))],
    candidates,
  };
}
