import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desk, facts, gymMapping, maria, said, ticket } from '../../test/support/facts.ts';
import type { FactMessage, Facts } from './facts.ts';
import { type EarlierClosing, judgeLate, quietMs } from './late.ts';

const hour = 3_600_000;
/** When the facts' messages are written; each message a minute after the one before. */
const wrote = Date.parse('2026-11-19T12:00:00Z');
const { helpdesk } = gymMapping();
const gym = { helpdesk, id: '4711', topic: 'catraca' };
const printer = { helpdesk, id: '4712', topic: 'impressora' };

const earlier = (more: Partial<EarlierClosing> = {}): EarlierClosing => ({ contact: maria.id, at: wrote - hour, tickets: [gym], done: true, ...more });
const held = (status = '6') => ({ [helpdesk]: desk({ tickets: { 4711: ticket('4711', status), 4712: ticket('4712', status) } }) });
const late = (messages: readonly FactMessage[], more: Partial<Facts> = {}) => facts(messages, { now: wrote + hour, desks: held(), ...more });
const partsOf = (given: Facts, before: EarlierClosing | undefined) => {
  const verdict = judgeLate(given, before);
  return verdict.is === 'file' ? verdict.decision.parts.map(({ target, outcome, messages }) => ({ target, outcome, messages })) : verdict.is;
};
const append = (id: string, status: 'keep' | 'outcome') => ({ kind: 'append', ticket: { helpdesk, id }, status });

describe('a late courtesy', () => {
  it('is noted on every ticket of the closing and changes no status', () => {
    expect(partsOf(late([said('m1', 'obrigada! 🙏')]), earlier({ tickets: [gym, printer] }))).toEqual([
      { target: append('4711', 'keep'), outcome: null, messages: [] },
      { target: append('4712', 'keep'), outcome: null, messages: [] },
    ]);
  });

  it('never changes a status, whatever courtesies it is made of', () => {
    const courtesies = fc.array(fc.constantFrom('obrigada', 'valeu', 'ok', 'boa tarde', 'muito obrigado!', '👍', 'certo, obrigada 🙏'), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(courtesies, (texts) => {
        const verdict = judgeLate(late(texts.map((text, index) => said(`m${index + 1}`, text))), earlier());
        expect(verdict.is).toBe('file');
        expect(verdict.is === 'file' && verdict.decision.parts.every(({ target }) => target.kind === 'append' && target.status === 'keep')).toBe(true);
      }),
    );
  });
});

describe('a late message of substance', () => {
  it('goes to the only ticket, with the status that the mapping names', () => {
    expect(partsOf(late([said('m1', 'obrigada, mas travou de novo')]), earlier())).toEqual([
      { target: append('4711', 'outcome'), outcome: { status: 'pendente', date: null }, messages: ['m1'] },
    ]);
  });

  it('goes to the ticket of its topic where there are several', () => {
    const said2 = late([said('m1', 'a impressora parou de novo')]);
    expect(partsOf(said2, earlier({ tickets: [gym, printer] }))).toMatchObject([{ target: append('4712', 'outcome') }]);
  });

  it.each([
    ['speaks of a topic that was not filed', [said('m1', 'agora é o boleto')], earlier()],
    ['could mean either of two tickets', [said('m1', 'travou de novo')], earlier({ tickets: [gym, printer] })],
    ['speaks of two topics', [said('m1', 'a catraca e a impressora')], earlier({ tickets: [gym, printer] })],
    ['came after the window', [said('m1', 'travou de novo')], earlier({ at: wrote - 24 * hour })],
    ['is somebody else’s', [said('m1', 'travou de novo')], earlier({ contact: 'somebody' })],
    ['continues what was filed nowhere', [said('m1', 'travou de novo')], earlier({ tickets: [] })],
    ['continues nothing', [said('m1', 'travou de novo')], undefined],
    ['is answered by an agent already', [said('m1', 'travou de novo'), said('m2', 'vou ver', { role: 'agent' })], earlier()],
  ])('is left to the agents where it %s', (_what, messages, before) => {
    expect(partsOf(late(messages), before)).toBe('agent');
  });

  it.each([
    ['closed', held('5')],
    ['gone', { [helpdesk]: desk() }],
  ])('is left to the agents where the ticket is %s', (_what, desks) => {
    expect(partsOf(late([said('m1', 'travou de novo')], { desks }), earlier())).toBe('agent');
  });
});

describe('patience', () => {
  const words = [said('m1', 'oi'), said('m2', 'travou de novo')];
  const lastAt = wrote + 2 * 60_000;

  it('waits until the customer has finished writing', () => {
    expect(partsOf(late(words, { now: lastAt + quietMs - 1 }), earlier())).toBe('wait');
    expect(partsOf(late(words, { now: lastAt + quietMs }), earlier())).toMatchObject([{ messages: ['m2'] }]);
  });

  it('waits for the closing before to be through, and for files that are on their way', () => {
    expect(partsOf(late(words), earlier({ done: false }))).toBe('wait');
    const photo = { name: 'e-07.jpg', state: 'waiting', blob: null, decoration: false, audio: false, seconds: null } as const;
    expect(partsOf(late([said('m1', '', { files: [photo] })]), earlier())).toBe('wait');
  });
});
