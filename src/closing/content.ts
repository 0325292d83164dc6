/** What stands in a ticket: the transcript the requester may read, and the note for agents with summary and internal messages. Pure. */
import type { BlobRef, Block, InternalText, PublicText, TicketRef, TicketTarget, TranscriptEntry } from '../kit/index.ts';
import type { Part } from './decision.ts';
import type { FactFile, FactMessage, Facts } from './facts.ts';

function fileLabel(file: FactFile, facts: Facts): string {
  const { words } = facts.mapping;
  const length = file.seconds === null ? '' : `${Math.floor(file.seconds / 60)}:${String(Math.round(file.seconds % 60)).padStart(2, '0')}`;
  const remarks = [length, file.audio ? words.notTranscribed : '', file.state === 'stored' ? '' : words.notLoaded].filter(Boolean);
  return remarks.length ? `${file.name} (${remarks.join(', ')})` : file.name;
}

const entry = (message: FactMessage, facts: Facts): TranscriptEntry => ({
  at: message.at,
  author: message.author,
  role: message.role,
  text: message.text,
  files: message.files.filter((file) => !file.decoration).map((file) => fileLabel(file, facts)),
  ...(message.kind === 'internal' ? { internal: true as const } : {}),
});

function transcript(heading: string, messages: readonly FactMessage[], facts: Facts): readonly Block[] {
  if (messages.length === 0) return [];
  const { mapping } = facts;
  return [
    { type: 'heading', text: heading },
    { type: 'transcript', zone: mapping.calendar.zone, locale: mapping.language, entries: messages.map((message) => entry(message, facts)) },
  ];
}

const isPublic = (message: FactMessage): boolean => message.kind === 'public';

/** The public messages alone, so that nothing internal can stand where the requester reads. */
export const description = (messages: readonly FactMessage[], facts: Facts): PublicText => ({
  kind: 'public',
  blocks: transcript(facts.mapping.words.transcript, messages.filter(isPublic), facts),
});

export type Link = TicketRef | TicketTarget;
const links = (label: string, tickets: readonly Link[]): readonly Block[] => (tickets.length ? [{ type: 'tickets', label, tickets }] : []);

/** Summary first: it is what the next person reads. */
export function note(
  part: Part,
  messages: readonly FactMessage[],
  facts: Facts,
  more: { siblings: readonly Link[]; followUpOf?: Link; withTranscript: boolean },
): InternalText {
  const { words } = facts.mapping;
  const summary: readonly Block[] = part.summary.trim()
    ? [
        { type: 'heading', text: words.summary },
        { type: 'paragraph', text: part.summary.trim() },
      ]
    : [];
  const body = more.withTranscript
    ? transcript(words.transcript, messages, facts)
    : transcript(
        words.internal,
        messages.filter((message) => !isPublic(message)),
        facts,
      );
  return {
    kind: 'internal',
    blocks: [...summary, ...links(words.followUp, more.followUpOf ? [more.followUpOf] : []), ...links(words.seeAlso, more.siblings), ...body],
  };
}

export const linkNote = (facts: Facts, siblings: readonly Link[]): InternalText => ({ kind: 'internal', blocks: links(facts.mapping.words.seeAlso, siblings) });

/** Stored files in order, each content once; those that do not fit the helpdesk's limits are left out and counted. */
export function filesOf(
  messages: readonly FactMessage[],
  limits: { maxFileBytes: number; maxTicketBytes: number },
): { files: readonly BlobRef[]; waiting: number; leftOut: number } {
  const evidence = messages.flatMap((message) => message.files).filter((file) => !file.decoration);
  const files = new Map<string, BlobRef>();
  let leftOut = 0;
  let sum = 0;
  for (const { blob } of evidence) {
    if (!blob || files.has(blob.sha256)) continue;
    if (blob.size > limits.maxFileBytes || sum + blob.size > limits.maxTicketBytes) {
      leftOut += 1;
      continue;
    }
    sum += blob.size;
    files.set(blob.sha256, blob);
  }
  return { files: [...files.values()], waiting: evidence.filter((file) => file.state === 'waiting').length, leftOut };
}
