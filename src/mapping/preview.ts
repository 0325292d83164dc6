/** What a mapping would make of a conversation: each value with its reason. */
import type { DeskSchema } from '../kit/index.ts';
import type { CompiledMapping } from './compile.ts';
import type { Ask } from './evaluate.ts';
import { placeOf } from './explain.ts';
import { contextOf, type Sample } from './sample.ts';

export interface PreviewRow {
  readonly name: string;
  readonly value: string;
  readonly reason: string;
  /** `mappings/academias.yaml:31`. */
  readonly at: string;
}

export interface Preview {
  readonly rows: readonly PreviewRow[];
  readonly asks: readonly Ask[];
  readonly problems: readonly { readonly field: string; readonly message: string }[];
  readonly notify: readonly string[];
  readonly messages: readonly { readonly text: string; readonly topics: readonly string[]; readonly courtesy: boolean }[];
  /** Titles that would be offered, best first. */
  readonly titles: readonly string[];
}

/** Without a topic, the one that most messages speak of; without a title, the first that would be offered. */
export function previewMapping(mapping: CompiledMapping, sample: Sample, schema?: DeskSchema): Preview {
  const texts = sample.messages ?? [];
  const messages = texts.map((text) => ({ text, topics: mapping.topicsOf(text), courtesy: mapping.isCourtesy(text) }));
  const count = (key: string) => messages.filter(({ topics }) => topics.includes(key)).length;
  const topic = sample.topic ?? mapping.topics.filter(({ key }) => count(key) > 0).toSorted((a, b) => count(b.key) - count(a.key))[0]?.key ?? null;
  const titles = mapping.proposeTitles(topic, texts);
  const evaluated = mapping.evaluate(contextOf(mapping, { ...sample, topic, title: sample.title || (titles[0] ?? '') }, schema));
  return {
    rows: Object.entries(evaluated.why).map(([name, why]) => ({ name, value: why.value, reason: why.reason, at: placeOf(why) })),
    asks: evaluated.asks,
    problems: evaluated.problems,
    notify: evaluated.notify,
    messages,
    titles,
  };
}
