import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPart, corpoVivo, decide, desk, facts, fitPrime, gymDesk, maria, micro, said, ticket } from '../../test/support/facts.ts';
import { isSubstance } from './accounting.ts';
import { canonical } from './digest.ts';
import { planClosing } from './planner.ts';

const chat = [said('m1', 'Bom dia'), said('m2', 'a catraca não libera ninguém'), said('m3', 'e a impressora do totem não imprime'), said('m4', 'obrigada!')];
const missingKeys = (plan: ReturnType<typeof planClosing>): string[] => plan.missing.map(({ reason }) => reason.key);
const kinds = (plan: ReturnType<typeof planClosing>): string[] => plan.operations.map(({ work }) => work.kind);

describe('a new ticket (A1, A6)', () => {
  const plan = planClosing(decide({ covers: 'm4', parts: [aPart('p1', ['m2', 'm3'])] }), facts(chat));

  it('opens it with the public transcript and writes the summary where the requester cannot read it', () => {
    expect(plan.missing).toEqual([]);
    expect(kinds(plan)).toEqual(['open', 'summarize']);
    const [open, summary] = plan.operations.map(({ work }) => work);
    expect(canonical(open?.kind === 'open' && open.description)).toContain('a catraca não libera ninguém');
    expect(canonical(open?.kind === 'open' && open.description)).not.toContain('visita técnica');
    expect(canonical(summary)).toContain('visita técnica');
  });

  it('takes status, priority, group and due date from the mapping, each with its line', () => {
    const [open] = plan.operations;
    expect(open?.work.kind === 'open' && open.work.values).toMatchObject({
      status: '3',
      priority: '2',
      group: '10',
      due: { field: { custom: 'cf_data_retorno' } },
    });
    expect(plan.why.find(({ field }) => field === 'priority')?.line).toBeGreaterThan(1);
    expect(new Date(plan.due.p1 ?? 0).toISOString()).toBe('2026-11-23T21:00:00.000Z');
  });

  it('lets courtesies travel and counts every message', () => {
    expect(plan.accounting.map(({ message, how }) => `${message} ${how}`)).toEqual(['m1 courtesy', 'm2 filed', 'm3 filed', 'm4 courtesy']);
  });
});

describe('what is missing is named before anything is sent (A8)', () => {
  const plan = (more: object, messages = ['m2', 'm3']) => planClosing(decide({ covers: 'm4', parts: [aPart('p1', messages, more)] }), facts(chat));

  it.each([
    ['no outcome', { outcome: null }, 'outcome'],
    ['no impact', { impact: null }, 'impact'],
    ['no title', { title: '', topic: null }, 'title'],
    ['a summary that is only the skeleton', { summary: 'Problema: Catraca não libera\nFeito: \nFalta: ' }, 'summary-short'],
    ['a waiting without its date', { outcome: { status: 'esperando-cliente', date: null } }, 'date'],
    ['a field that the helpdesk wants before it resolves', { topic: null, outcome: { status: 'resolvido', date: null } }, 'required-to-resolve'],
    ['a value that is no choice', { fields: { cf_produto: 'Elefante' } }, 'not-a-choice'],
  ])('%s', (_what, more, key) => {
    expect(missingKeys(plan(more))).toContain(key);
  });

  it('messages of substance that are filed nowhere', () => {
    expect(missingKeys(plan({}, ['m2']))).toEqual(['unfiled']);
    expect(missingKeys(planClosing(decide({ covers: 'm4', skipped: ['m3'], parts: [aPart('p1', ['m2'])] }), facts(chat)))).toEqual([]);
  });

  it('a message that arrived after the agent looked', () => {
    expect(missingKeys(planClosing(decide({ covers: 'm3', parts: [aPart('p1', ['m2', 'm3'])] }), facts(chat)))).toEqual(['new-messages']);
  });

  it('a helpdesk of which nothing was ever read', () => {
    expect(
      missingKeys(planClosing(decide({ covers: 'm4', parts: [aPart('p1', ['m2', 'm3'])] }), facts(chat, { desks: { [gymDesk]: desk({ schema: null }) } }))),
    ).toEqual(['helpdesk-unreachable']);
  });

  it.each([
    ['to be added to', { kind: 'append', ticket: { helpdesk: gymDesk, id: '4711' }, status: 'keep' }],
    ['to be continued', { kind: 'new', followUpOf: { helpdesk: gymDesk, id: '4711' } }],
  ] as const)('a ticket %s that is not there, told apart from one that the helpdesk does not answer for', (_what, target) => {
    const keysWhere = (reachable: boolean) =>
      missingKeys(
        planClosing(decide({ covers: 'm4', parts: [aPart('p1', ['m2', 'm3'], { target })] }), facts(chat, { desks: { [gymDesk]: desk({ reachable }) } })),
      );
    expect(keysWhere(true)).toEqual(['ticket-unknown']);
    expect(keysWhere(false)).toEqual(['helpdesk-unreachable']);
  });
});

describe('adding to an existing ticket (A3)', () => {
  const held = facts(chat, { desks: { [gymDesk]: desk({ tickets: { 4711: ticket('4711', '7') } }) } });
  const to = (status: 'keep' | 'outcome', more = {}) =>
    planClosing(
      decide({
        covers: 'm4',
        parts: [aPart('p1', ['m2', 'm3'], { target: { kind: 'append', ticket: { helpdesk: gymDesk, id: '4711' }, status }, impact: null, ...more })],
      }),
      held,
    );

  it('never changes a status that the decision did not name', () => {
    const [append] = to('keep', { outcome: null }).operations;
    expect(append?.work).not.toHaveProperty('values');
    expect(to('keep', { outcome: null }).missing).toEqual([]);
  });

  it('tells the mirror how the ticket stood, not what the chat is called', () => {
    expect(to('keep', { outcome: null }).operations[0]?.work).toMatchObject({ asPlanned: { subject: 'Ticket 4711', status: '7' } });
  });

  it('resolves only when told to, and leaves priority and tags to those who work on it', () => {
    const [append] = to('outcome', { outcome: { status: 'resolvido', date: null }, fields: { cf_produto: 'Catraca' } }).operations;
    expect(append?.work.kind === 'append' && append.work.values).toMatchObject({ status: '4', fields: { cf_produto: 'Catraca' } });
    expect(append?.work.kind === 'append' && append.work.values).not.toHaveProperty('priority');
  });

  it('opens a linked follow-up where closed is final, and says so', () => {
    const final = { ...desk().capabilities, closedIsFinal: true };
    const closed = facts(chat, { desks: { [gymDesk]: desk({ capabilities: final, tickets: { 4711: ticket('4711', '5') } }) } });
    const plan = planClosing(
      decide({
        covers: 'm4',
        parts: [aPart('p1', ['m2', 'm3'], { target: { kind: 'append', ticket: { helpdesk: gymDesk, id: '4711' }, status: 'outcome' } })],
      }),
      closed,
    );
    expect(plan.operations[0]?.work).toMatchObject({ kind: 'open', followUpOf: { number: '4711' } });
    expect(plan.lines.map(({ key }) => key)).toContain('follow-up');
  });
});

describe('separate topics (A4)', () => {
  const parts = [aPart('p1', ['m2']), aPart('p2', ['m3'], { topic: 'impressora', title: 'Impressora do totem parada' })];

  it('makes tickets that point at each other', () => {
    const plan = planClosing(decide({ covers: 'm4', parts }), facts(chat));
    expect(kinds(plan)).toEqual(['open', 'open', 'summarize', 'summarize']);
    const [, , first, second] = plan.operations;
    expect(canonical(first?.work)).toContain('{"operation":"p2/open"}');
    expect(canonical(second?.work)).toContain('{"operation":"p1/open"}');
    expect(first?.after).toEqual(['p1/open', 'p2/open']);
  });

  it('needs one more operation where the first comment is private', () => {
    const capabilities = { ...desk().capabilities, privateFirstComment: true };
    const plan = planClosing(
      decide({ covers: 'm4', parts: [...parts, aPart('p3', ['m2', 'm3'])] }),
      facts(chat, { desks: { [gymDesk]: desk({ capabilities }) } }),
    );
    expect(kinds(plan)).toEqual(['open', 'open', 'open', 'link']);
    const link = plan.operations[3]?.work;
    expect(link?.kind === 'link' && link.tickets).toEqual([{ operation: 'p1/open' }, { operation: 'p2/open' }]);
    expect(canonical(link?.kind === 'link' && link.notes[0])).toContain('p3/open');
  });

  it('files a message that belongs to both in both', () => {
    const plan = planClosing(decide({ covers: 'm4', parts: [aPart('p1', ['m2', 'm3']), aPart('p2', ['m3'])] }), facts(chat));
    expect(plan.accounting.filter(({ message }) => message === 'm3').map(({ part }) => part)).toEqual(['p1', 'p2']);
  });
});

describe('a part of a conversation that stays open (A5)', () => {
  it('takes what was ticked and nothing else', () => {
    const plan = planClosing(decide({ covers: 'm4', ends: false, parts: [aPart('p1', ['m2'])] }), facts(chat));
    expect(plan.missing).toEqual([]);
    expect(plan.accounting).toEqual([{ part: 'p1', message: 'm2', how: 'filed' }]);
    expect(plan.lines.map(({ key }) => key)).toContain('stays-open');
  });
});

describe('the served company (A2)', () => {
  const julia = { ...maria, id: 'julia', name: 'Júlia', companies: [micro] };
  const asked = (served: string | null) =>
    planClosing(
      decide({ covers: 'm4', parts: [aPart('p1', ['m2', 'm3'], { topic: 'finger', title: 'Finger apagado', served })] }),
      facts(chat, { contact: julia, people: { julia } }),
    );

  it('is asked for when the rule needs it, and shapes the subject', () => {
    expect(missingKeys(asked(null))).toContain('served-company');
    const plan = asked(fitPrime.id);
    expect(plan.missing).toEqual([]);
    expect(plan.operations[0]?.work).toMatchObject({ subject: 'Fit Prime - Finger apagado' });
  });
});

describe('files of internal messages', () => {
  const file = (name: string) => [
    { name, state: 'stored' as const, blob: { sha256: name, name, mime: 'image/png', size: 10 }, decoration: false, audio: false, seconds: null },
  ];
  const mixed = [...chat, said('m5', 'nota', { kind: 'internal', role: 'agent', files: file('interno.png') }), said('m6', 'foto', { files: file('foto.png') })];
  const plan = (privateFirstComment: boolean) =>
    planClosing(
      decide({ covers: 'm6', parts: [aPart('p1', ['m2', 'm3', 'm6'])] }),
      facts(mixed, { desks: { [gymDesk]: desk({ capabilities: { ...desk().capabilities, privateFirstComment } }) } }),
    );
  const names = (work: object | undefined): string[] => (work && 'files' in work ? (work.files as { name: string }[]).map(({ name }) => name) : []);

  it('go into a note of their own where the requester sees what the ticket opens with', () => {
    const { operations } = plan(false);
    expect(names(operations[0]?.work)).toEqual(['foto.png']);
    expect(operations.map(({ work }) => work.kind)).toEqual(['open', 'summarize', 'note']);
    expect(names(operations[2]?.work)).toEqual(['interno.png']);
  });

  it('stand with the rest where the first comment is private', () => {
    expect(names(plan(true).operations[0]?.work)).toEqual(['foto.png', 'interno.png']);
  });

  it('share what a ticket holds with the customer’s, which come first; words say which one stays out', () => {
    const capabilities = { ...desk().capabilities, maxTicketBytes: 15 };
    const decision = decide({ covers: 'm6', parts: [aPart('p1', ['m2', 'm3', 'm6'])] });
    const { operations, lines } = planClosing(decision, facts(mixed, { desks: { [gymDesk]: desk({ capabilities }) } }));
    expect(operations.map(({ work }) => [work.kind, names(work)])).toEqual([
      ['open', ['foto.png']],
      ['summarize', []],
    ]);
    expect(lines).toContainEqual({ part: 'p1', key: 'files-left-out', values: { count: 1 } });
    const [open, summary] = operations.map(({ work }) => JSON.stringify(work));
    expect(open).toContain('"files":["foto.png"]');
    expect(summary).toContain('interno.png (não anexado: grande demais para o helpdesk)');
  });
});

it('chooses the company per part when one person owns two gyms (A7)', () => {
  const owner = { ...maria, companies: [corpoVivo, fitPrime] };
  const plan = planClosing(
    decide({ covers: 'm4', parts: [aPart('p1', ['m2'], { company: corpoVivo.id }), aPart('p2', ['m3'], { company: fitPrime.id })] }),
    facts(chat, { contact: owner, people: { maria: owner } }),
  );
  const companies = plan.operations.flatMap(({ work }) => (work.kind === 'open' ? [work.requester.company?.name] : []));
  expect(companies).toEqual(['Academia Corpo Vivo', 'Fit Prime']);
});

it('files nothing with a reason, and accounts for what it leaves (none)', () => {
  const plan = planClosing(decide({ covers: 'm4', none: { reason: 'wrong-number' } }), facts(chat));
  expect(plan).toMatchObject({ operations: [], missing: [], none: 'wrong-number' });
  expect(plan.accounting.map(({ how }) => how)).toEqual(['skipped', 'skipped']);
});

describe('whatever the conversation and the split', () => {
  const text = fc.constantFrom('obrigada!', 'a catraca travou', 'impressora parada', 'reiniciei e nada', 'ok', '', '👍', 'e o finger?');
  const message = fc.record({
    text,
    kind: fc.constantFrom('public' as const, 'internal' as const),
    role: fc.constantFrom('contact' as const, 'agent' as const, 'bot' as const),
    filed: fc.boolean(),
    deleted: fc.boolean(),
  });
  const conversation = fc.array(message, { minLength: 1, maxLength: 15 }).map((list) => list.map((one, index) => said(`m${index}`, one.text, one)));
  const split = fc.array(fc.array(fc.nat(14), { maxLength: 8 }), { minLength: 1, maxLength: 4 });
  const canary = 'SEGREDO-INTERNO';

  const setup = fc.tuple(conversation, split, fc.boolean(), fc.boolean()).map(([messages, groups, ends, privateFirst]) => {
    const parts = groups.map((group, index) => aPart(`p${index}`, [...new Set(group.flatMap((at) => messages[at]?.id ?? []))]));
    const held = facts(
      messages.map((one) => (one.kind === 'internal' ? { ...one, text: canary } : one)),
      { desks: { [gymDesk]: desk({ capabilities: { ...desk().capabilities, privateFirstComment: privateFirst } }) } },
    );
    return { held, decision: decide({ covers: messages.at(-1)?.id ?? '', ends, parts }) };
  });

  it('every message of substance is in a part or skipped by name, or the plan says that it is not', () => {
    fc.assert(
      fc.property(setup, ({ held, decision }) => {
        const plan = planClosing(decision, held);
        const accounted = new Set(plan.accounting.filter(({ how }) => how !== 'courtesy').map(({ message }) => message));
        const left = held.messages.filter((one) => isSubstance(one, held) && !accounted.has(one.id));
        expect(missingKeys(plan).includes('unfiled')).toBe(decision.ends && left.length > 0);
      }),
    );
  });

  it('courtesies travel with all parts when the conversation ends', () => {
    fc.assert(
      fc.property(setup, ({ held, decision }) => {
        const plan = planClosing(decision, held);
        const courtesies = held.messages.filter((one) => !one.filed && !one.deleted && !isSubstance(one, held));
        for (const part of decision.ends ? decision.parts : [])
          for (const courtesy of courtesies) expect(plan.accounting.some((row) => row.part === part.key && row.message === courtesy.id)).toBe(true);
      }),
    );
  });

  it('no internal word stands where the requester reads', () => {
    fc.assert(
      fc.property(setup, ({ held, decision }) => {
        for (const { work } of planClosing(decision, held).operations) if (work.kind === 'open') expect(canonical(work.description)).not.toContain(canary);
      }),
    );
  });

  it('each ticket of a split is told of every other', () => {
    fc.assert(
      fc.property(setup, ({ held, decision }) => {
        const plan = planClosing(decision, held);
        const opens = plan.operations.filter(({ work }) => work.kind === 'open');
        const told = (key: string): string =>
          canonical(
            plan.operations.flatMap(({ key: own, work }): unknown[] => {
              if (own === key || (work.kind === 'summarize' && canonical(work.ticket).includes(`"${key}"`))) return [work];
              return work.kind === 'link' ? work.notes.filter((_, index) => canonical(work.tickets[index]).includes(`"${key}"`)) : [];
            }),
          );
        for (const one of opens) for (const other of opens) if (one !== other) expect(told(one.key)).toContain(`{"operation":"${other.key}"}`);
      }),
    );
  });

  it('the same inputs give the same plan', () => {
    fc.assert(
      fc.property(setup, ({ held, decision }) => {
        expect(planClosing(structuredClone(decision), { ...held })).toEqual(planClosing(decision, held));
      }),
    );
  });
});
