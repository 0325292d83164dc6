import { describe, expect, it } from 'vitest';
import { type CandidateTicket, rankCandidates } from './candidates.ts';
import type { Facts } from './facts.ts';

const now = Date.parse('2026-11-19T12:00:00Z');

const ticket = (id: string, more: Partial<CandidateTicket> = {}): CandidateTicket =>
  ({
    ref: { helpdesk: 'desk', id, number: id, url: `https://desk.example/${id}` },
    subject: 'Catraca não libera',
    status: 'open',
    statusOf: { id: 'open', label: 'Aberto', meaning: 'open' },
    requester: null,
    company: null,
    createdAt: now - 3_600_000,
    updatedAt: now - 3_600_000,
    writtenFrom: false,
    contactedFrom: false,
    native: false,
    ...more,
  }) as CandidateTicket;

const facts = (verified: boolean): Facts =>
  ({
    now,
    messages: [{ role: 'contact', deleted: false, subject: null, text: 'oi' }],
    contact: { companies: [], identities: [{ kind: 'account', value: 'u1', verified }] },
    mapping: { topics: [], topicsOf: () => [] },
    desks: {},
  }) as unknown as Facts;

const preselected = (tickets: readonly CandidateTicket[], verified = true): string | undefined =>
  rankCandidates(tickets, facts(verified), []).find(({ preselect }) => preselect)?.ticket.ref.id;

describe('the ticket that a chat already is at its vendor', () => {
  const native = ticket('4711', { native: true });

  it('comes first and is preselected: the vendor itself says so, whoever writes', () => {
    expect(rankCandidates([ticket('1'), native], facts(true), [])[0]).toMatchObject({ ticket: { ref: { id: '4711' } }, reasons: [{ key: 'native' }, {}] });
    expect(preselected([ticket('1'), native])).toBe('4711');
    expect(preselected([native], false)).toBe('4711');
  });

  it('is preselected when it was solved with the chat, and not when it is closed for good', () => {
    const as = (meaning: 'resolved' | 'closed') => ticket('4711', { native: true, statusOf: { id: meaning, label: meaning, meaning } });
    expect(preselected([as('resolved')])).toBe('4711');
    expect(preselected([as('closed')])).toBeUndefined();
  });

  it('goes before a ticket that an agent wrote from', () => {
    expect(preselected([ticket('1', { writtenFrom: true, contactedFrom: true }), native])).toBe('4711');
    expect(preselected([ticket('1', { writtenFrom: true, contactedFrom: true })])).toBe('1');
  });
});
