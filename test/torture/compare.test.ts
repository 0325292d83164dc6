/** The comparison finds each way in which tickets can differ from what was decided, and is content with those that do not. */
import { expect, test } from 'vitest';
import type { Case } from './cases.ts';
import { compareTickets } from './compare-tickets.ts';
import type { HeldTicket } from './held.ts';
import { createLedger, type KeptPart, type Ledger } from './ledger.ts';

const one: Case = {
  n: 1,
  channel: 'program',
  messages: ['m1x0q', 'm1x1q'],
  sending: 'apart',
  repeats: false,
  note: 'i1xq',
  reply: null,
  ended: false,
  late: null,
  parts: [
    { key: 'a', kind: 'new', helpdesk: 'zendesk-br', status: 'open', messages: [0], title: 't1xaq', summary: 's1xaq' },
    { key: 'b', kind: 'new', helpdesk: 'freshdesk-br', status: 'solved', messages: [1], title: 't1xbq', summary: 's1xbq' },
  ],
};

const append: KeptPart = { key: 'a', kind: 'append', helpdesk: 'zendesk-br', status: 'solved', messages: [0], title: '', summary: 's2xaq', ticket: '1005' };

function ledger(): Ledger {
  const made = createLedger();
  made.closings.push({ id: 'second', conversation: 'v', case: { ...one, n: 2, messages: ['m2x0q'], note: null }, parts: [append] });
  made.closings.push({ id: 'first', conversation: 'u', case: one, parts: one.parts });
  return made;
}

const text = (html: string, open = false) => ({ place: 'somewhere', public: open, html });

function tickets(): { [key in 'first' | 'second']: HeldTicket } {
  return {
    first: {
      helpdesk: 'zendesk-br',
      id: '1005',
      subject: 't1xaq',
      status: 'solved',
      link: '/agent/tickets/1005"',
      texts: [text('canary s1xaq m1x0q canary i1xq'), text('<a href="/a/tickets/1">'), text('canary s2xaq m2x0q')],
    },
    second: {
      helpdesk: 'freshdesk-br',
      id: '1',
      subject: 't1xbq',
      status: 'solved',
      link: '/a/tickets/1"',
      texts: [text('m1x1q', true), text('canary s1xbq i1xq <a href="/agent/tickets/1005">')],
    },
  };
}

const kinds = (held: readonly HeldTicket[]): readonly string[] => [...new Set(compareTickets(ledger(), held).map(({ kind }) => kind))].sort();

test('what was decided is all there', () => {
  const { first, second } = tickets();
  expect(compareTickets(ledger(), [first, second])).toEqual([]);
});

test.each<[string, (held: ReturnType<typeof tickets>) => readonly HeldTicket[], string]>([
  ['a missing ticket', ({ first }) => [first], 'lost'],
  ['a ticket twice', ({ first, second }) => [first, second, { ...second, id: '2', link: '/a/tickets/2"' }], 'doubled'],
  ['a ticket that nobody decided', ({ first, second }) => [first, second, { ...second, id: '2', subject: 'other', link: 'x', texts: [] }], 'doubled'],
  ['a note twice', ({ first, second }) => [{ ...first, texts: [...first.texts, text('canary s2xaq m2x0q')] }, second], 'doubled'],
  ['a note of nothing', ({ first, second }) => [{ ...first, texts: [...first.texts, text('')] }, second], 'doubled'],
  ['a missing note', ({ first, second }) => [{ ...first, texts: first.texts.slice(0, 2) }, second], 'lost'],
  ['a status that was not set', ({ first, second }) => [{ ...first, status: 'open' }, second], 'lost'],
  ['a missing link', ({ first, second }) => [{ ...first, texts: [first.texts[0], text('-'), first.texts[2]].flatMap((one) => one ?? []) }, second], 'lost'],
  [
    'an internal text that requesters read',
    ({ first, second }) => [{ ...first, texts: first.texts.map((one) => ({ ...one, public: true })) }, second],
    'leaked',
  ],
])('%s is found', (_what, change, kind) => {
  expect(kinds(change(tickets()))).toContain(kind);
});
