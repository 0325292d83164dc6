import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Proposal } from '../../api/contract.ts';
import { decision } from '../../closing/decision.ts';
import {
  assign,
  beginTopic,
  type Draft,
  decisionOf,
  draftOf,
  partsOf,
  restoreDraft,
  retitle,
  secondTicket,
  skip,
  substanceOf,
  takeIn,
  tick,
  unfiledOf,
} from './draft.ts';

const ticket: Proposal['candidates'][number] = {
  helpdesk: 'desk',
  id: '7',
  number: '4711',
  url: 'https://desk.example/7',
  subject: 'Catraca não libera',
  status: { id: '3', label: 'Visita', meaning: 'hold' },
  priority: null,
  requester: null,
  company: null,
  assignee: null,
  due: null,
  updatedAt: 0,
  reasons: [],
  preselect: false,
  closed: false,
};
const proposal = (more: Partial<Proposal> = {}): Proposal => ({
  covers: 'm4',
  way: 'split',
  language: 'pt-BR',
  parts: [
    { key: 'p1', topic: 'catraca', title: 'Catraca não libera', messages: ['m1', 'm3'], summary: 'Problema: Catraca não libera\nFeito: \nFalta: ' },
    { key: 'p2', topic: 'impressora', title: 'Impressora parada', messages: ['m2', 'm3'], summary: 'Problema: Impressora parada\nFeito: \nFalta: ' },
  ],
  courtesies: ['m4'],
  outcome: null,
  mapping: { file: 'mappings/default.yaml', helpdesk: 'desk', titles: [], statuses: [], impacts: [], summary: { required: true, min: 15 } },
  helpdesks: [],
  candidates: [ticket],
  requesters: [],
  companies: [],
  ...more,
});
const substance = substanceOf(proposal());
const decided = (draft: Draft) => decision.parse(decisionOf(draft, substance));

describe('draft of a closing', () => {
  it('decides nothing by itself: no outcome, no impact, and no ticket that the server did not preselect', () => {
    const draft = draftOf(proposal());
    expect([draft.single, ...draft.parts].map(({ outcome, impact, ticket: chosen, date }) => [outcome, impact, chosen, date])).toEqual(
      Array.from({ length: 3 }, () => [null, null, null, null]),
    );
    expect(draftOf(proposal({ way: 'append', candidates: [{ ...ticket, preselect: true }] })).single.ticket?.number).toBe('4711');
  });

  it('takes the outcome that the mapping proposes for what fell silent, and still no impact', () => {
    const draft = draftOf(proposal({ outcome: 'pending' }));
    expect([draft.single, ...draft.parts].map(({ outcome, impact }) => [outcome, impact])).toEqual(Array.from({ length: 3 }, () => ['pending', null]));
  });

  it('files every message of substance in the one ticket, except what is skipped', () => {
    const draft = skip({ ...draftOf(proposal()), way: 'new' }, ['m2']);
    const { parts, skipped } = decided(draft);
    expect(parts.map(({ messages }) => messages)).toEqual([['m1', 'm3']]);
    expect(skipped).toEqual(['m2']);
  });

  it('keeps the status of the ticket that is added to until somebody names another', () => {
    const draft: Draft = { ...draftOf(proposal({ candidates: [{ ...ticket, preselect: true }] })), way: 'append' };
    expect(decided(draft).parts[0]).toMatchObject({ target: { kind: 'append', status: 'keep' }, outcome: null });
    const resolved = { ...draft, single: { ...draft.single, after: 'resolvido' } };
    expect(decided(resolved).parts[0]).toMatchObject({ target: { kind: 'append', status: 'outcome' }, outcome: { status: 'resolvido' } });
  });

  it('never carries the outcome of a new ticket over to one that is added to', () => {
    const draft = draftOf(proposal({ candidates: [{ ...ticket, preselect: true }] }));
    const answered: Draft = { ...draft, way: 'append', single: { ...draft.single, outcome: 'resolvido', impact: 'livre' } };
    expect(decided(answered).parts[0]).toMatchObject({ target: { status: 'keep' }, outcome: null, impact: null });
  });

  it('is no decision while a ticket or the reason for none is missing', () => {
    expect(decisionOf({ ...draftOf(proposal()), way: 'append' }, substance)).toBeUndefined();
    expect(decisionOf({ ...draftOf(proposal()), way: 'none' }, substance)).toBeUndefined();
    expect(decided({ ...draftOf(proposal()), way: 'none', none: 'spam' })).toMatchObject({ parts: [], none: { reason: 'spam' }, ends: true });
  });

  it('files only what is ticked, and leaves the conversation open, in part-of-it mode', () => {
    const draft = tick({ ...draftOf(proposal()), way: 'new', partial: true }, ['m2']);
    expect(decided(draft)).toMatchObject({ ends: false, parts: [{ messages: ['m2'] }], skipped: [] });
  });

  it('lets a message stand in several topics, and in none once it is skipped', () => {
    const draft = assign(draftOf(proposal()), 'p2', ['m1']);
    expect(draft.parts.map(({ messages }) => messages.includes('m1'))).toEqual([true, true]);
    const skipped = skip(draft, ['m1']);
    expect(skipped.parts.some(({ messages }) => messages.includes('m1'))).toBe(false);
    expect(unfiledOf(skipped, substance)).toEqual([]);
    expect(assign(skipped, 'p1', ['m1']).skipped).toEqual([]);
  });

  it('puts a new message into its topic, and else leaves it unfiled until somebody decides', () => {
    const grown = proposal({
      covers: 'm6',
      parts: proposal().parts.map((part) => (part.key === 'p1' ? { ...part, messages: [...part.messages, 'm5'] } : part)),
    });
    const draft = takeIn(draftOf(proposal()), grown, ['m5', 'm6']);
    expect(draft.parts[0]?.messages).toContain('m5');
    expect(draft.covers).toBe('m6');
    expect(draft.seen).toBe('m4');
    expect(unfiledOf(draft, [...substance, 'm5', 'm6'])).toEqual(['m6']);
  });

  it('lets the first line of the summary follow the title, until somebody rewrites it', () => {
    const [part] = draftOf(proposal()).parts;
    if (!part) throw new Error('the proposal has parts');
    expect(retitle(part, 'Finger apagado', 'finger').summary).toBe('Problema: Finger apagado\nFeito: \nFalta: ');
    const rewritten = { ...part, summary: 'A catraca voltou sozinha' };
    expect(retitle(rewritten, 'Finger apagado', 'finger').summary).toBe('A catraca voltou sozinha');
  });

  it('follows a title that is typed letter by letter', () => {
    const [part] = draftOf(proposal()).parts;
    if (!part) throw new Error('the proposal has parts');
    const typed = ['', 'F', 'Fi', 'Fin'].reduce((old, title) => retitle(old, title, null), part);
    expect(typed.summary).toBe('Problema: Fin\nFeito: \nFalta: ');
  });

  it('comes back from the server as it went, and a draft of another making is left alone', () => {
    const draft = draftOf(proposal());
    expect(restoreDraft(JSON.parse(JSON.stringify(draft)))).toEqual(draft);
    for (const stranger of [null, {}, { version: 2 }, { version: 1, single: {} }]) expect(restoreDraft(stranger)).toBeUndefined();
  });

  it('accounts for every message of substance, whatever is assigned and skipped in whatever order', () => {
    const message = fc.constantFrom(...substance);
    const act = fc.oneof(
      fc.record({ what: fc.constant('assign' as const), key: fc.constantFrom('p1', 'p2'), ids: fc.uniqueArray(message, { minLength: 1 }) }),
      fc.record({ what: fc.constant('skip' as const), key: fc.constant(''), ids: fc.uniqueArray(message, { minLength: 1 }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        const draft = acts.reduce((old, { what, key, ids }) => (what === 'assign' ? assign(old, key, ids) : skip(old, ids)), draftOf(proposal()));
        const held = new Set(partsOf(draft, substance).flatMap(({ messages }) => messages));
        const skipped = new Set(draft.skipped);
        expect([...held].filter((id) => skipped.has(id))).toEqual([]);
        expect(new Set([...held, ...skipped, ...unfiledOf(draft, substance)])).toEqual(new Set(substance));
        decided(draft);
      }),
    );
  });

  it('begins a topic of what is chosen: it leaves the others, and each is named after what it holds', () => {
    const one: Proposal['parts'][number] = {
      key: 'p1',
      topic: null,
      title: 'E a senha expirou',
      messages: ['m1', 'm2'],
      summary: 'Problema: E a senha expirou\nFeito: \nFalta: ',
    };
    const of = proposal({ parts: [one] });
    const texts: Record<string, string> = { m1: 'A tela ficou preta. Não sei por quê.', m2: 'E a senha expirou.' };
    const begun = beginTopic(draftOf(of), of, ['m2'], (id) => texts[id] ?? '');
    expect(begun.parts.map(({ key, title, messages, summary }) => [key, title, messages, summary])).toEqual([
      ['p1', 'A tela ficou preta', ['m1'], 'Problema: A tela ficou preta\nFeito: \nFalta: '],
      ['p2', 'E a senha expirou', ['m2'], 'Problema: E a senha expirou\nFeito: \nFalta: '],
    ]);
  });

  it('leaves the words alone that somebody typed, when a topic is begun', () => {
    const draft = draftOf(proposal());
    const typed: Draft = { ...draft, parts: draft.parts.map((part) => ({ ...part, topic: null, title: 'Meu título', summary: 'Feito por mim' })) };
    const begun = beginTopic(typed, proposal(), ['m3'], () => 'Meu título');
    expect(begun.parts.slice(0, 2).map(({ title, summary, messages }) => [title, summary, messages])).toEqual([
      ['Meu título', 'Feito por mim', ['m1']],
      ['Meu título', 'Feito por mim', ['m2']],
    ]);
  });
});

describe('a chat that already is a ticket at its vendor', () => {
  const native = { ...ticket, reasons: [{ key: 'native', values: {} }], preselect: true };
  const asked = (more: Partial<Proposal>, change: (draft: Draft) => Draft = (draft) => draft) => {
    const given = proposal({ way: 'append', candidates: [native], ...more });
    return secondTicket(given, partsOf(change(draftOf(given)), substanceOf(given)))?.number;
  };

  it('is added to that one without a question', () => {
    expect(asked({})).toBeUndefined();
  });

  it('asks before another one is opened beside it, whole or in parts', () => {
    expect(asked({}, (draft) => ({ ...draft, way: 'new' }))).toBe('4711');
    expect(asked({ way: 'split' })).toBe('4711');
  });

  it('asks nothing where a part goes into it, where nothing is filed, where it is closed for good, or where there is none', () => {
    const into = (draft: Draft): Draft => ({
      ...draft,
      parts: draft.parts.map((part, index) => (index === 0 ? { ...part, append: true, ticket: { ...ticket, closed: false } } : part)),
    });
    expect(asked({ way: 'split' }, into)).toBeUndefined();
    expect(asked({}, (draft) => ({ ...draft, way: 'none' }))).toBeUndefined();
    expect(asked({ candidates: [{ ...native, closed: true }] }, (draft) => ({ ...draft, way: 'new' }))).toBeUndefined();
    expect(asked({ candidates: [ticket] }, (draft) => ({ ...draft, way: 'new' }))).toBeUndefined();
  });
});
