/** The conversation as a plain text that the visitor can keep, print or send on. Pure. */
import type { Item } from './conversation.ts';
import type { Words } from './words.ts';

export function transcript(title: string, items: readonly Item[], words: Words, language: string): string {
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'full' });
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
  let day = '';
  const lines = items.flatMap((item) => {
    const today = date.format(item.at);
    const heading = today === day ? [] : ['', today, ''];
    day = today;
    return [...heading, `[${time.format(item.at)}] ${item.from === 'contact' ? words.you : item.author}: ${bodyOf(item, words)}`];
  });
  return `${[title, ...lines].join('\r\n')}\r\n`;
}

function bodyOf({ text, deleted, files, state }: Item, words: Words): string {
  if (deleted) return `(${words.deleted})`;
  const unsent = state === 'sent' ? [] : [`(${words.failed})`];
  // Further lines are set in, so that none of them can pass for a message of somebody else.
  return [text.replace(/\r\n?|\n/g, '\r\n    '), ...files.map(({ name }) => `[${name}]`), ...unsent].filter(Boolean).join(' ');
}

export const transcriptName = (now: number): string => `chat-${new Date(now).toISOString().slice(0, 10)}.txt`;
