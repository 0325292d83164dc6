/** A long internal text as several comments, each a step of its own with a marker of its own. */
import { type Block, type InternalText, type PublicText, piecesOf, type Step, toHtml } from '../../src/kit/index.ts';
import { markerLine, maxCommentBytes } from './comment.ts';
import type { Desk } from './desk.ts';
import { type CommentWrite, writeComment } from './write.ts';

/** What is longer goes to a file instead: Zendesk takes thirty updates of one ticket in ten minutes. */
export const maxParts = 6;

/** The first part has the operation's own marker, so that one operation stands in one place. */
const partMarker = (operation: string, part: number): string => (part === 0 ? operation : `${operation}/${part + 1}`);

const longestLine = markerLine(`${'0'.repeat(64)}/${maxParts}`);

const bytesOf = (blocks: readonly Block[], marker?: string): number => Buffer.byteLength(toHtml({ kind: 'internal', blocks }, marker));

const fits = (blocks: readonly Block[]): boolean => bytesOf(blocks, longestLine) <= maxCommentBytes;

/** For sums of pieces that were measured alone: room for the marker and for what stands between them. */
const partBytes = maxCommentBytes - 4000;

/** Escaped HTML has up to six bytes for a character, so a piece of this length fits whatever stands in it. */
const pieceLength = 8000;

/** The smallest blocks that a block can be cut into without a loss: each entry of a transcript, and pieces of a text. */
function cutBlock(block: Block): readonly Block[] {
  if (fits([block]) || block.type === 'tickets') return [block];
  if (block.type !== 'transcript') return piecesOf(block.text, pieceLength).map((text) => ({ ...block, text }));
  return block.entries.flatMap((entry) =>
    piecesOf(entry.text, pieceLength).map((text, i): Block => ({ ...block, entries: [{ ...entry, text, files: i === 0 ? entry.files : [] }] })),
  );
}

/** Adds a piece to blocks; entries of one transcript grow together again. */
function joined(blocks: readonly Block[], next: Block, continues: boolean): readonly Block[] {
  const last = blocks.at(-1);
  if (!continues || last?.type !== 'transcript' || next.type !== 'transcript') return [...blocks, next];
  return [...blocks.slice(0, -1), { ...last, entries: [...last.entries, ...next.entries] }];
}

/** One text where it fits into one comment, or where it would take too many. */
export function partsOf(text: InternalText): readonly InternalText[] {
  if (fits(text.blocks)) return [text];
  const parts: (readonly Block[])[] = [];
  let current: readonly Block[] = [];
  let size = 0;
  for (const block of text.blocks)
    for (const [i, piece] of cutBlock(block).entries()) {
      const more = bytesOf([piece]);
      if (current.length === 0 || size + more <= partBytes) {
        current = joined(current, piece, i > 0);
        size += more;
        continue;
      }
      parts.push(current);
      if (parts.length >= maxParts) return [text];
      current = [piece];
      size = more;
    }
  return [...parts, current].map((blocks) => ({ kind: 'internal', blocks }));
}

const split = (text: InternalText | PublicText): readonly (InternalText | PublicText)[] => (text.kind === 'internal' ? partsOf(text) : [text]);

/** Values and files go with the first part, so that what Zendesk refuses is refused before anything is written. */
export async function writeParts(desk: Desk, write: CommentWrite, step: Step, name: string): Promise<void> {
  for (const [part, text] of split(write.text).entries())
    await (part === 0
      ? writeComment(desk, { ...write, text }, step, name)
      : writeComment(desk, { ticket: write.ticket, operation: partMarker(write.operation, part), text, files: [] }, step, `${name}/part-${part + 1}`));
}
