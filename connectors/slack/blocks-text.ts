/** The words of a message that has no `text`: bots often fill blocks or attachments alone. */

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** Every piece of text in blocks and attachments, line by line, in reading order; still mrkdwn. */
export function textOfBlocks(blocks: readonly unknown[] | null | undefined, attachments: readonly unknown[] | null | undefined): string {
  return [...(blocks ?? []).flatMap((block) => lines(block)), ...(attachments ?? []).flatMap(attachmentLines)].filter(Boolean).join('\n');
}

function lines(block: unknown): string[] {
  if (!isRecord(block)) return [];
  // A line of rich text is made of pieces that belong together.
  if (typeof block.type === 'string' && /^rich_text_(section|quote|preformatted)$/.test(block.type) && Array.isArray(block.elements))
    return [block.elements.map(richPiece).join('')];
  return ['text', 'fields', 'elements', 'title', 'alt_text'].flatMap((key) => {
    const value = block[key];
    if (typeof value === 'string') return [value];
    return Array.isArray(value) ? value.flatMap(lines) : lines(value);
  });
}

function richPiece(piece: unknown): string {
  if (!isRecord(piece)) return '';
  if (piece.type === 'user') return `<@${String(piece.user_id)}>`;
  if (piece.type === 'channel') return `<#${String(piece.channel_id)}>`;
  if (piece.type === 'emoji') return `:${String(piece.name)}:`;
  if (piece.type === 'link') return typeof piece.text === 'string' ? `<${String(piece.url)}|${piece.text}>` : `<${String(piece.url)}>`;
  return typeof piece.text === 'string' ? piece.text : '';
}

function attachmentLines(attachment: unknown): string[] {
  if (!isRecord(attachment)) return [];
  const found = ['pretext', 'title', 'text'].flatMap((key) => (typeof attachment[key] === 'string' ? [attachment[key]] : []));
  return found.length === 0 && typeof attachment.fallback === 'string' ? [attachment.fallback] : found;
}
