/** Which messages speak of which topic, as a proposal that the agent corrects. Pure. */
import { isSubstance } from './accounting.ts';
import type { FactMessage, Facts } from './facts.ts';

/** A message that follows this soon after its author's last one goes on with the same matter. */
const sameBreathMs = 3 * 60_000;

/**
 * Messages of substance by topic key, in order of first mention. A message without a topic's words goes on with its author's last topic when it
 * follows at once ("não libera ninguém"), else it belongs to every topic raised so far ("reiniciei e nada").
 */
export function messagesByTopic(facts: Facts): ReadonlyMap<string, readonly string[]> {
  const byTopic = new Map<string, string[]>();
  const waiting: string[] = [];
  let last: { author: string; at: number; topics: readonly string[] } | undefined;
  for (const message of facts.messages.filter((one) => isSubstance(one, facts))) {
    const said = facts.mapping.topicsOf(message.text);
    const topics = said.length ? said : inherited(message, last, [...byTopic.keys()]);
    if (topics.length === 0) waiting.push(message.id);
    for (const topic of topics) byTopic.set(topic, [...(byTopic.get(topic) ?? []), message.id]);
    last = { author: message.author, at: message.at, topics };
  }
  const [first] = byTopic.keys();
  if (first !== undefined) byTopic.set(first, [...waiting, ...(byTopic.get(first) ?? [])]);
  return byTopic;
}

function inherited(
  message: FactMessage,
  last: { author: string; at: number; topics: readonly string[] } | undefined,
  raised: readonly string[],
): readonly string[] {
  if (last?.topics.length && last.author === message.author && message.at - last.at <= sameBreathMs) return last.topics;
  return raised;
}
