/** What stands in a ticket: the transcript the requester may read, and the note for agents with summary and internal messages. Pure. */
import type { BlobRef, Block, InternalText, PublicText, TicketRef, TicketTarget, TranscriptEntry } from '../kit/index.ts';
import type { Part } from './decision.ts';
import type { FactFile, FactMessage, Facts } from './facts.ts';

/** What the helpdesk takes, in bytes. */
export interface FileLimits {
  readonly maxFileBytes: number;
  readonly maxTicketBytes: number;
}

function fileLabel(file: FactFile, facts: Facts, left: ReadonlySet<string>): string {
  const { words } = facts.mapping;
  const length = file.seconds === null ? '' : `${Math.floor(file.seconds / 60)}:${String(Math.round(file.seconds % 60)).padStart(2, '0')}`;
  const remarks = [
    length,
    file.audio ? words.notTranscribed : '',
    file.state === 'stored' ? '' : words.notLoaded,
    left.has(file.blob?.sha256 ?? '') ? words.notAttached : '',
  ].filter(Boolean);
  return remarks.length ? `${file.name} (${remarks.join(', ')})` : file.name;
}

const entry = (message: FactMessage, facts: Facts, left: ReadonlySet<string>): TranscriptEntry => ({
  at: message.at,
  author: message.author,
  role: message.role,
  text: message.text,
  files: message.files.filter((file) => !file.decoration).map((file) => fileLabel(file, facts, left)),
  ...(message.kind === 'internal' ? { internal: true as const } : {}),
});

function transcript(heading: string, messages: readonly FactMessage[], facts: Facts, left: ReadonlySet<string>): readonly Block[] {
  if (messages.length === 0) return [];
  const { mapping } = facts;
  return [
    { type: 'heading', text: heading },
    { type: 'transcript', zone: mapping.calendar.zone, locale: mapping.language, entries: messages.map((message) => entry(message, facts, left)) },
  ];
}

const isPublic = (message: FactMessage): boolean => message.kind === 'public';

/** The public messages alone, so that nothing internal can stand where the requester reads. */
export const description = (messages: readonly FactMessage[], facts: Facts, limits: FileLimits): PublicText => ({
  kind: 'public',
  blocks: transcript(facts.mapping.words.transcript, messages.filter(isPublic), facts, filesOf(messages, limits).left),
});

export type Link = TicketRef | TicketTarget;
const links = (label: string, tickets: readonly Link[]): readonly Block[] => (tickets.length ? [{ type: 'tickets', label, tickets }] : []);

/** Summary first: it is what the next person reads. */
export function note(
  part: Part,
  messages: readonly FactMessage[],
  facts: Facts,
  more: { siblings: readonly Link[]; followUpOf?: Link; withTranscript: boolean; limits: FileLimits },
): InternalText {
  const { words } = facts.mapping;
  const { left } = filesOf(messages, more.limits);
  const summary: readonly Block[] = part.summary.trim()
    ? [
        { type: 'heading', text: words.summary },
        { type: 'paragraph', text: part.summary.trim() },
      ]
    : [];
  const body = more.withTranscript
    ? transcript(words.transcript, messages, facts, left)
    : transcript(
        words.internal,
        messages.filter((message) => !isPublic(message)),
        facts,
        left,
      );
  return {
    kind: 'internal',
    blocks: [...summary, ...links(words.followUp, more.followUpOf ? [more.followUpOf] : []), ...links(words.seeAlso, more.siblings), ...body],
  };
}

export const linkNote = (facts: Facts, siblings: readonly Link[]): InternalText => ({ kind: 'internal', blocks: links(facts.mapping.words.seeAlso, siblings) });

/**
 * Stored files, each content once: what the customer sees before what agents noted, else in order. What does not fit the helpdesk's limits is `left`
 * out, by hash, and the words say so. `shown` are those of public messages.
 */
export function filesOf(
  messages: readonly FactMessage[],
  limits: FileLimits,
): { shown: readonly BlobRef[]; internal: readonly BlobRef[]; waiting: number; left: ReadonlySet<string> } {
  const evidence = (some: readonly FactMessage[]): readonly FactFile[] => some.flatMap(({ files }) => files).filter((file) => !file.decoration);
  const left = new Set<string>();
  const taken = new Set<string>();
  let sum = 0;
  const fitting = (files: readonly FactFile[]): readonly BlobRef[] =>
    files.flatMap(({ blob }) => {
      if (!blob || taken.has(blob.sha256) || left.has(blob.sha256)) return [];
      const fits = blob.size <= limits.maxFileBytes && sum + blob.size <= limits.maxTicketBytes;
      (fits ? taken : left).add(blob.sha256);
      if (!fits) return [];
      sum += blob.size;
      return [blob];
    });
  const shown = fitting(evidence(messages.filter(isPublic)));
  const internal = fitting(evidence(messages.filter((message) => !isPublic(message))));
  return { shown, internal, waiting: evidence(messages).filter((file) => file.state === 'waiting').length, left };
}
