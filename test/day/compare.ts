/** What the day should have come to against what Deskbridge shows and what customers saw. Pure. */
import type { DayConversation } from './script.ts';

export interface HeldMessage {
  readonly conversation: string;
  readonly text: string;
  readonly deleted: boolean;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  readonly reactions: number;
  readonly sending: string;
}

export interface HeldConversation {
  readonly id: string;
  readonly state: 'open' | 'ended';
  readonly messages: readonly HeldMessage[];
}

export interface DayFinding {
  readonly kind: 'lost' | 'doubled' | 'out of order' | 'wrong';
  readonly what: string;
}

export interface Expectation {
  readonly conversation: DayConversation;
  /** sha256 by the key of the message. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  /** How often the customer sees each reply, by its key. */
  readonly shown: ReadonlyMap<string, number>;
}

const count = (found: number, what: string): readonly DayFinding[] =>
  found === 1 ? [] : [{ kind: found === 0 ? 'lost' : 'doubled', what: `${what}: ${found} times` }];

/** `held` are all conversations of the channel. */
export function compareConversation({ conversation, files, shown }: Expectation, held: readonly HeldConversation[]): readonly DayFinding[] {
  const findings: DayFinding[] = [];
  const all = held.flatMap(({ id, state, messages }) => messages.map((message) => ({ ...message, id, state })));
  const removed = new Set(conversation.steps.flatMap((step) => (step.do === 'remove' ? [step.of] : [])));
  const edited = new Map(conversation.steps.flatMap((step) => (step.do === 'edit' ? [[step.of, step.text] as const] : [])));
  const places = new Set<string>();
  let before = -1;
  for (const step of conversation.steps) {
    const at = `${conversation.channel} ${conversation.name}`;
    if (step.do === 'write' && !removed.has(step.key)) {
      const found = all.flatMap((message, index) => (message.text.includes(`[${step.key}]`) ? [{ message, index }] : []));
      findings.push(...count(found.length, `${at} message ${step.key}`));
      const [first] = found;
      if (!first) continue;
      places.add(first.message.id);
      if (first.index < before) findings.push({ kind: 'out of order', what: `${at} message ${step.key}` });
      before = first.index;
      const text = edited.get(step.key);
      if (text !== undefined && !first.message.text.includes(text)) findings.push({ kind: 'lost', what: `${at} edit of ${step.key}` });
      const wanted = [...(files.get(step.key) ?? [])].sort().join();
      const have = first.message.files
        .map(({ sha256 }) => sha256)
        .sort()
        .join();
      if (wanted !== have) findings.push({ kind: have.length > wanted.length ? 'doubled' : 'lost', what: `${at} files of ${step.key}` });
    }
    if (step.do === 'react' && !all.some((message) => message.text.includes(`[${step.of}]`) && message.reactions === 1))
      findings.push({ kind: 'lost', what: `${at} reaction to ${step.of}` });
    if (step.do === 'reply') {
      const found = all.filter((message) => message.text.includes(`[${step.key}]`));
      findings.push(...count(found.length, `${at} reply ${step.key}`));
      const seen = shown.get(step.key) ?? 0;
      if (found[0]?.sending === 'sent' && seen !== 1)
        findings.push({ kind: seen === 0 ? 'lost' : 'doubled', what: `${at} reply ${step.key} is seen ${seen} times by the customer` });
      if (seen > 1) findings.push({ kind: 'doubled', what: `${at} reply ${step.key} is seen ${seen} times by the customer` });
    }
  }
  for (const key of removed)
    if (all.some((message) => message.text.includes(`[${key}]`)))
      findings.push({ kind: 'wrong', what: `${conversation.channel} ${conversation.name} still shows the deleted ${key}` });
  if (places.size > 1) findings.push({ kind: 'wrong', what: `${conversation.channel} ${conversation.name} came apart into ${places.size} conversations` });
  const ended = conversation.steps.some((step) => step.do === 'end');
  const [place] = held.filter(({ id }) => places.has(id));
  if (ended && place?.state === 'open') findings.push({ kind: 'lost', what: `${conversation.channel} ${conversation.name}: its end` });
  return findings;
}
