/** What a list shows of a message: its first words, else its files. */
import type { MessageEvent } from '../kit/index.ts';

const previewLength = 140;

export function preview(event: Pick<MessageEvent, 'text' | 'media'>): string {
  // Folding all of a long mail for its first line would cost more than storing it.
  const text = event.text
    .trimStart()
    .slice(0, previewLength * 3)
    .trim()
    .replace(/\s+/g, ' ')
    .slice(0, previewLength);
  return (
    text ||
    event.media
      .map(({ name }) => `📎 ${name}`)
      .join(' ')
      .slice(0, previewLength)
  );
}
