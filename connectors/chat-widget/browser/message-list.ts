/** The messages, by day and author. A message keeps its element from "sending" to "sent", so that nothing jumps and nothing is read out twice. */
import type { Api } from './api.ts';
import { fileView } from './attachments.ts';
import type { Item } from './conversation.ts';
import { el, icon, linked } from './dom.ts';
import type { Words } from './words.ts';

export interface MessageList {
  readonly element: HTMLElement;
  show(items: readonly Item[]): void;
  toEnd(): void;
}

export interface ListParts {
  readonly words: Words;
  readonly language: string;
  readonly api: Api;
  now(): number;
  retry(id: string): void;
}

const together = 5 * 60_000;
const dayOf = (at: number): string => new Date(at).toDateString();

export function createMessageList(parts: ListParts): MessageList {
  const { words, language } = parts;
  const element = el('ol', { class: 'messages', 'aria-label': words.messages });
  const rows = new Map<string, { row: HTMLElement; shown: string }>();
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
  const date = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' });

  function dayName(at: number): string {
    if (dayOf(at) === dayOf(parts.now())) return words.today;
    if (dayOf(at) === dayOf(parts.now() - 86_400_000)) return words.yesterday;
    return date.format(at);
  }

  function render(item: Item, before: Item | undefined): HTMLElement {
    const mine = item.from === 'contact';
    const newDay = !before || dayOf(before.at) !== dayOf(item.at);
    const joined = !newDay && before.from === item.from && before.author === item.author && item.at - before.at < together;
    const row = el('li', { class: `message ${mine ? 'mine' : 'theirs'}${joined ? ' joined' : ''} ${item.state}` });
    if (newDay) row.append(el('div', { class: 'day' }, dayName(item.at)));
    if (!joined && !mine) row.append(el('div', { class: 'author' }, item.author));
    if (mine) row.append(el('span', { class: 'unseen' }, `${words.you}: `));
    row.append(bubble(item));
    row.append(mark(item, mine));
    return row;
  }

  function bubble(item: Item): HTMLElement {
    if (item.deleted) return el('div', { class: 'bubble gone' }, words.deleted);
    const body = el('div', { class: 'bubble' });
    if (item.text) body.append(el('p', {}, ...linked(item.text)));
    for (const file of item.files) body.append(fileView(file, parts.api, words, language));
    return body;
  }

  function mark(item: Item, mine: boolean): HTMLElement {
    const clock = el('time', { datetime: new Date(item.at).toISOString() }, time.format(item.at));
    if (!mine) return el('div', { class: 'mark' }, clock);
    if (item.state === 'failed') {
      const again = el('button', { type: 'button', class: 'again' }, words.again);
      again.addEventListener('click', () => parts.retry(item.id));
      return el('div', { class: 'mark' }, icon('alert'), el('span', {}, words.failed), again);
    }
    if (item.state === 'waiting') return el('div', { class: 'mark' }, icon('clock'), el('span', {}, words.waiting));
    const sent = item.state === 'sent';
    return el('div', { class: 'mark' }, clock, icon(sent ? 'check' : 'clock'), el('span', { class: 'unseen' }, sent ? words.sent : words.sending));
  }

  return {
    element,
    show(items) {
      const wanted = new Set(items.map(({ key }) => key));
      for (const [key, { row }] of rows) {
        if (wanted.has(key)) continue;
        row.remove();
        rows.delete(key);
      }
      items.forEach((item, index) => {
        const before = items[index - 1];
        const shown = JSON.stringify([item.text, item.deleted, item.state, item.at, item.files, before?.author, before?.from, before?.at]);
        const known = rows.get(item.key);
        const row = known?.shown === shown ? known.row : render(item, before);
        if (known && known.row !== row) known.row.replaceWith(row);
        if (element.children[index] !== row) element.insertBefore(row, element.children[index] ?? null);
        rows.set(item.key, { row, shown });
      });
    },
    toEnd: () => {
      const scroller = element.parentElement;
      // Before the first message there is the greeting to read.
      if (scroller && element.firstChild) scroller.scrollTop = scroller.scrollHeight;
    },
  };
}
