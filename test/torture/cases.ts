/** What happens in one conversation of a run: a pure choice from the seed, so that it can be compared afterwards with what came of it. */
import { type Random, randomFrom } from './random.ts';

export const helpdesks = ['desk', 'freshdesk-br', 'zendesk-br'] as const;
export type HelpdeskName = (typeof helpdesks)[number];

export type ChannelName = 'program' | 'site-chat' | 'mail';

/** Keys of the mapping's statuses. */
export const statuses = ['open', 'pending', 'solved'] as const;
export type Status = (typeof statuses)[number];

export interface CasePart {
  readonly key: string;
  readonly kind: 'new' | 'append';
  readonly helpdesk: HelpdeskName;
  /** `keep` is for appends alone. */
  readonly status: Status | 'keep';
  /** Places in the case's messages. */
  readonly messages: readonly number[];
  /** Each text that is written bears a word that stands nowhere else, so that it can be counted wherever it went. */
  readonly title: string;
  readonly summary: string;
}

export interface Case {
  readonly n: number;
  readonly channel: ChannelName;
  readonly messages: readonly string[];
  /** How a program posts them: one after the other, all at once, or as one batch. */
  readonly sending: 'apart' | 'together' | 'batch';
  /** Posts some of them again although they were taken, as programs do. */
  readonly repeats: boolean;
  /** Word of an internal note, and of a reply to the customer. */
  readonly note: string | null;
  readonly reply: string | null;
  /** The vendor says that the chat has ended, before it is closed. */
  readonly ended: boolean;
  /** Empty: nobody closes it. */
  readonly parts: readonly CasePart[];
  /** Word of a message that comes after the closing. */
  readonly late: string | null;
}

/** Stands in all that is for agents alone: no customer may ever read it. */
export const canary = 'canary';

/** A closing letter that ids never have keeps one word from standing within another. */
const word = (letter: string, n: number, more: number | string = ''): string => `${letter}${n}x${more}q`;

function partsOf(random: Random, n: number, messages: number): readonly CasePart[] {
  if (random.chance(0.05)) return [];
  const split = messages > 1 && random.chance(0.35) ? Math.min(messages, 2 + random.below(2)) : 1;
  const append = split === 1 && random.chance(0.55);
  const helpdesk = random.pick(helpdesks);
  const keys = ['a', 'b', 'c'].slice(0, split);
  return keys.map((key, index) => ({
    key,
    kind: append ? 'append' : 'new',
    helpdesk: index > 0 && random.chance(0.2) ? random.pick(helpdesks) : helpdesk,
    status: append ? random.pick(['keep', 'solved']) : random.pick(['open', 'open', 'pending', 'solved']),
    // The first message belongs to all parts; of the others each part takes its own.
    messages: Array.from({ length: messages }, (_, at) => at).filter((at) => at === 0 || at % split === index),
    title: word('t', n, key),
    summary: word('s', n, key),
  }));
}

export function caseOf(seed: number, n: number, channels: readonly [ChannelName, ...ChannelName[]]): Case {
  const random = randomFrom(seed, n);
  const channel = random.pick(channels);
  const messages = Array.from({ length: 1 + random.below(4) }, (_, at) => word('m', n, at));
  const parts = partsOf(random, n, messages.length);
  return {
    n,
    channel,
    messages,
    sending: random.pick(['apart', 'together', 'batch']),
    repeats: random.chance(0.2),
    note: random.chance(0.3) ? word('i', n) : null,
    reply: random.chance(0.4) ? word('r', n) : null,
    ended: channel === 'program' && random.chance(0.5),
    parts,
    late: channel === 'program' && parts.length > 0 && random.chance(0.15) ? word('l', n) : null,
  };
}
