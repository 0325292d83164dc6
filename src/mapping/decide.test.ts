import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import type { DeskSchema } from '../kit/index.ts';
import type { CompiledMapping } from './compile.ts';
import type { Evaluated } from './evaluate.ts';
import { explain } from './explain.ts';
import { compiled, edited, GYM_FILE, gymText, lineWith } from './gym-desk.ts';
import { company, contextOf, type Sample } from './sample.ts';

const gym = compiled();
const at = (text: string): number => DateTime.fromISO(text, { zone: 'America/Sao_Paulo' }).toMillis();
const THURSDAY = at('2026-11-19T16:00');

/** A desk as a vendor would describe it: ids that say nothing, labels in Portuguese. */
const desk: DeskSchema = {
  fields: [
    {
      name: 'cf_produto',
      label: 'Produto',
      type: 'choice',
      required: 'to-resolve',
      choices: [
        { value: 'p1', label: 'Catraca' },
        { value: 'p2', label: 'Finger' },
        { value: 'p3', label: 'Totem' },
        { value: 'p4', label: 'Sistema' },
      ],
    },
    { name: 'cf_data_retorno', label: 'Data de retorno', type: 'date', required: 'never' },
  ],
  statuses: [
    { id: '2', label: 'Aberto', meaning: 'open', timer: true },
    { id: '3', label: 'PENDENTE', meaning: 'pending', timer: false },
    { id: '4', label: 'Resolvido', meaning: 'resolved' },
    { id: '6', label: 'Esperando o cliente', meaning: 'waiting', timer: false },
    { id: '8', label: 'Visita presencial', meaning: 'hold', timer: false },
  ],
  priorities: [
    { value: '1', label: 'Baixa' },
    { value: '2', label: 'Média' },
    { value: '3', label: 'Alta' },
    { value: '4', label: 'Urgente' },
  ],
  groups: [
    { value: '901', label: 'Hardware' },
    { value: '902', label: 'Software' },
    { value: '903', label: 'Campo' },
    { value: '904', label: 'Plantão' },
  ],
  agents: [],
};

const base: Sample = { now: THURSDAY, title: 'Catraca não libera', topic: 'catraca', impact: 'contorno', outcome: { status: 'pendente', date: null } };
const evaluate = (sample: Partial<Sample> = {}, mapping: CompiledMapping = gym, schema: DeskSchema = desk): Evaluated =>
  mapping.evaluate(contextOf(mapping, { ...base, ...sample }, schema));

describe('a plain closing', () => {
  it("comes out in the helpdesk's own ids", () => {
    const { values, subject, asks, problems, due } = evaluate();
    expect({ asks, problems }).toEqual({ asks: [], problems: [] });
    expect(subject).toBe('Catraca não libera');
    expect(due).toEqual({ at: at('2026-11-23T18:00'), ymd: '2026-11-23' });
    expect(values).toEqual({
      status: '3',
      priority: '2',
      group: '901',
      fields: { cf_produto: 'p1' },
      due: { at: at('2026-11-23T18:00'), zone: 'America/Sao_Paulo', field: { custom: 'cf_data_retorno' } },
    });
  });

  it('gives the same for the same', () => {
    expect(evaluate()).toEqual(evaluate());
  });

  it('says of every value where it comes from', () => {
    const { why } = evaluate();
    expect(explain('priority', why.priority ?? { value: '', reason: '', file: '', line: 0 })).toBe(
      `priority medium: impacto 'Falha, mas há contorno (libera pela recepção)', ${GYM_FILE}:${lineWith('id: contorno')}`,
    );
    expect(Object.fromEntries(Object.entries(why).map(([name, { line }]) => [name, line]))).toEqual({
      subject: lineWith('    - text: "{{ title }}"'),
      status: lineWith('Pendente\n', gymText),
      priority: lineWith('id: contorno'),
      due: lineWith('    due: { next: working-day }'),
      due_field: lineWith('otherwise: cf_data_retorno'),
      group: lineWith('    group: Hardware'),
      'field:cf_produto': lineWith('cf_produto: Catraca'),
    });
    expect(why.due?.reason).toContain('Dia da Consciência Negra');
  });
});

describe('the due date', () => {
  it('is Saturday noon for what is urgent, and goes to the group of that day', () => {
    const { due, values, why } = evaluate({ impact: 'catraca-livre' });
    expect(due).toEqual({ at: at('2026-11-21T12:00'), ymd: '2026-11-21' });
    expect(values.group).toBe('904');
    expect(why.group?.line).toBe(lineWith('group: Plantão'));
  });

  it('leaves a visit that people agreed for a Saturday with the group of visits', () => {
    const { due, values } = evaluate({ impact: 'catraca-livre', outcome: { status: 'visita-presencial', date: '2026-11-21' } });
    expect(due?.ymd).toBe('2026-11-21');
    expect(values.group).toBe('903');
  });

  it('gives work that is open on a Saturday to the group of that day', () => {
    const saturday = { now: at('2026-11-21T09:00'), outcome: { status: 'aberto', date: null } };
    expect(evaluate({ ...saturday, impact: 'catraca-livre' }).values.group).toBe('904');
    expect(evaluate({ ...saturday, impact: 'duvida' }).values.group).toBe('901');
  });

  it('is asked for in the words of the file', () => {
    const { asks, due, values } = evaluate({ outcome: { status: 'esperando-cliente', date: null } });
    expect(asks).toEqual([{ field: 'date', label: 'Data combinada com o cliente', reason: "desfecho 'Esperando o cliente, até…'" }]);
    expect(due).toBeNull();
    expect(values.due).toBeUndefined();
  });

  it('is the next working day while a visit is to be agreed, and the scheduler hears of it', () => {
    const { due, notify, values } = evaluate({ outcome: { status: 'visita-presencial', date: 'to-be-agreed' } });
    expect(due?.ymd).toBe('2026-11-23');
    expect(notify).toEqual(['agenda-de-visitas']);
    expect(values).toMatchObject({ status: '8', group: '903' });
  });

  it('counts as to be agreed until everyone has confirmed', () => {
    const visit = (confirmed: readonly string[]) => evaluate({ outcome: { status: 'visita-presencial', date: '2026-11-25', confirmed } });
    expect(visit(['agenda'])).toMatchObject({ due: { ymd: '2026-11-23' }, notify: ['agenda-de-visitas'] });
    expect(visit(['agenda']).why.due?.reason).toContain('cliente');
    expect(visit(['cliente', 'agenda'])).toMatchObject({ due: { ymd: '2026-11-25' }, notify: [] });
  });

  it.each([
    ['2026-11-18', 'já passou'],
    ['2026-12-31T09:00', 'não é uma data'],
    ['2026-02-30', 'não é uma data'],
    ['2026-12-30', 'mais de 30 dias'],
    ['2026-11-20', 'Dia da Consciência Negra'],
    ['2026-11-22', 'não é dia de trabalho'],
  ])('is refused for %s: %s', (date, reason) => {
    const { problems, due } = evaluate({ outcome: { status: 'esperando-cliente', date } });
    expect(problems).toEqual([{ field: 'date', message: expect.stringContaining(reason) }]);
    expect(due).toBeNull();
  });

  it('may be today while there are hours left, and not afterwards', () => {
    const today = { status: 'esperando-cliente', date: '2026-11-19' };
    expect(evaluate({ outcome: today }).due?.ymd).toBe('2026-11-19');
    expect(evaluate({ outcome: today, now: at('2026-11-19T18:00') }).problems[0]?.message).toContain('expediente de hoje acabou');
  });

  it("may be the 30th day, counted in the calendar's zone", () => {
    const within = (date: string) => evaluate({ now: at('2026-11-18T23:30'), outcome: { status: 'esperando-cliente', date } });
    expect(within('2026-12-18').problems).toEqual([]);
    expect(within('2026-12-19').problems).toHaveLength(1);
  });

  it('cannot be left open where the file does not say what then holds', () => {
    const strict = compiled(edited([', unknown: { next: working-day } }', ' }']));
    expect(evaluate({ outcome: { status: 'esperando-cliente', date: 'to-be-agreed' } }, strict).problems).toHaveLength(1);
  });

  it('is none when resolved, and left to the SLA when open', () => {
    for (const status of ['resolvido', 'aberto']) {
      const { due, values, problems } = evaluate({ outcome: { status, date: null } });
      expect({ due, written: values.due, problems }).toEqual({ due: null, written: undefined, problems: [] });
    }
  });
});

describe("the helpdesk's own due field", () => {
  const timed = compiled(edited(['timer_on: [Aberto]', 'timer_on: [Aberto, Pendente]']));

  it('is used only in statuses whose timer runs', () => {
    const running = { ...desk, statuses: desk.statuses.map((status) => ({ ...status, timer: true })) };
    expect(evaluate({}, timed, running).values.due?.field).toBe('due');
    expect(evaluate({}, gym, running).values.due?.field).toEqual({ custom: 'cf_data_retorno' });
  });

  it('gives way to the date field where the helpdesk knows that its timer stands, whatever the file says', () => {
    expect(evaluate({}, timed).values.due?.field).toEqual({ custom: 'cf_data_retorno' });
  });

  it('is left alone where no other field is named, and our own due date remains', () => {
    const alone = compiled(edited([', otherwise: cf_data_retorno', '']));
    const { values, due, why } = evaluate({}, alone);
    expect(values.due).toBeUndefined();
    expect(due?.ymd).toBe('2026-11-23');
    expect(why.due_field?.reason).toContain('PENDENTE');
  });

  it('is a problem where the named date field does not exist', () => {
    expect(evaluate({}, gym, { ...desk, fields: desk.fields.slice(0, 1) }).problems).toEqual([
      { field: 'due', message: `${gym.helpdesk} não tem o campo "cf_data_retorno".` },
    ]);
  });
});

describe('what is missing', () => {
  it('is asked for, all at once', () => {
    const { asks, values } = evaluate({ title: '  ', impact: null, outcome: null });
    expect(asks.map(({ field }) => field)).toEqual(['outcome', 'impact', 'title']);
    expect(values.priority).toBeUndefined();
    expect(values.status).toBeUndefined();
  });

  it('is a problem where the mapping does not know it', () => {
    const { problems } = evaluate({ impact: 'nope', outcome: { status: 'nope', date: null }, topic: 'nope' });
    expect(problems.map(({ field }) => field).toSorted()).toEqual(['impact', 'outcome', 'topic']);
    const inherited = evaluate({ impact: 'toString', outcome: { status: 'constructor', date: null }, topic: 'constructor' });
    expect(inherited.problems.map(({ field }) => field).toSorted()).toEqual(['impact', 'outcome', 'topic']);
  });

  it('is named where the helpdesk does not know it', () => {
    const empty: DeskSchema = { fields: [], statuses: [], priorities: [], groups: [], agents: [] };
    const { problems, values } = evaluate({}, gym, empty);
    expect(problems.map(({ field }) => field).toSorted()).toEqual(['cf_produto', 'group', 'priority', 'status']);
    expect(values).toEqual({});
  });

  it('names a choice that the field does not have', () => {
    const other = compiled(edited(['cf_produto: Catraca', 'cf_produto: Roleta']));
    expect(evaluate({}, other).problems).toEqual([{ field: 'cf_produto', message: expect.stringContaining('"Roleta" não serve') }]);
  });
});

describe('the subject', () => {
  const micro = { contact: { company: 'micro university' }, title: 'Finger apagado' };

  it('asks which company was served while a rule hangs on it alone', () => {
    const { asks, subject } = evaluate(micro);
    expect(asks).toEqual([{ field: 'served_company', label: 'Qual empresa foi atendida?', reason: "regra 'Micro University for ifitness'" }]);
    expect(subject).toBe('Finger apagado');
    expect(evaluate({ contact: { company: 'Iron Gym' } }).asks).toEqual([]);
  });

  it('takes the company served, never the company of the writer', () => {
    const { subject, asks } = evaluate({ ...micro, servedCompany: company('Fit Prime', 'ifitness'), company: company('Micro University') });
    expect(subject).toBe('Fit Prime - Finger apagado');
    expect(asks).toEqual([]);
  });

  it('holds for a team of the agent too, and not for another brand', () => {
    const served = { title: 'Finger apagado', servedCompany: company('Fit Prime', 'ifitness') };
    expect(evaluate({ ...served, agent: { teams: ['Suporte', 'Micro University'] } }).subject).toBe('Fit Prime - Finger apagado');
    expect(evaluate({ ...micro, servedCompany: company('Fit Prime', 'outra') }).subject).toBe('Finger apagado');
  });

  it('reads the brand from the field that the file names', () => {
    const servedCompany = { name: 'Fit Prime', brand: null, fields: { cf_rede: 'iFitness' } };
    expect(evaluate({ ...micro, servedCompany }).subject).toBe('Fit Prime - Finger apagado');
  });

  it('stays within its length and on one line, whatever the title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 }), (title) => {
        const { subject } = evaluate({ title });
        expect([...subject].length).toBeLessThanOrEqual(80);
        expect(subject).not.toMatch(/[\n\r]/);
      }),
    );
  });

  it('writes what customers typed as it is: a title is no template', () => {
    expect(evaluate({ title: '{{ agent.email }} {% include "x" %}' }).subject).toBe('{{ agent.email }} {% include "x" %}');
  });

  it('is a problem, not a crash, where a value that it speaks of is not there', () => {
    const text = edited(['    - text: "{{ title }}"', '    - text: "{{ topic.title }} {{ title }}"']);
    expect(evaluate({ topic: null }, compiled(text)).problems).toEqual([{ field: 'subject', message: expect.stringContaining('undefined variable: topic') }]);
  });

  it('may ask first whether a value is there', () => {
    const text = edited(['    - text: "{{ title }}"', '    - text: "{% if topic %}{{ topic.title }}: {% endif %}{{ title }}"']);
    expect(evaluate({ topic: null, title: 'Sem luz' }, compiled(text))).toMatchObject({ subject: 'Sem luz', problems: [] });
    expect(evaluate({ topic: 'finger', title: 'Sem luz' }, compiled(text)).subject).toBe('Finger apagado: Sem luz');
  });

  it('gives up on a text that would take for ever', () => {
    const text = edited(['    - text: "{{ title }}"', '    - text: "{% for i in (1..100000000) %}{{ title }}{% endfor %}"']);
    expect(evaluate({}, compiled(text)).problems).toEqual([{ field: 'subject', message: expect.stringContaining('limit') }]);
  });
});

describe('fields and tags', () => {
  it('may be texts, and stand for every ticket', () => {
    const text = edited(
      ['append: {', 'fields: { cf_local: "{{ served_company.name }} ({{ channel }})" }\ntags: [chat]\nappend: {'],
      ['    words: [catraca', '    tags: [hardware, chat]\n    words: [catraca'],
    );
    const schema: DeskSchema = { ...desk, fields: [...desk.fields, { name: 'cf_local', label: 'Local', type: 'text', required: 'never' }] };
    const { values, tags, why } = evaluate({ channel: 'widget', servedCompany: company('Iron Gym') }, compiled(text), schema);
    expect(values.fields).toEqual({ cf_local: 'Iron Gym (widget)', cf_produto: 'p1' });
    expect(tags).toEqual(['chat', 'hardware']);
    expect(values.tags).toEqual(tags);
    expect(why['field:cf_local']?.line).toBe(lineWith('cf_local', text));
  });

  it('may differ by helpdesk', () => {
    const text = edited(['fields: { cf_produto: Catraca }', `fields: { ${gym.helpdesk}: { cf_produto: Finger }, other: { product: Door } }`]);
    expect(evaluate({}, compiled(text)).values.fields).toEqual({ cf_produto: 'p2' });
  });

  it('given without a helpdesk are no fault of another one that lacks them', () => {
    const { problems, values } = evaluate({ helpdesk: 'other' });
    expect(values.fields).toEqual({ cf_produto: 'p1' });
    expect(problems).toEqual([]);
    expect(evaluate({ helpdesk: 'other' }, gym, { ...desk, fields: [] }).problems).toEqual([]);
  });
});

describe('a helpdesk that the file does not name', () => {
  const builtIn: DeskSchema = {
    fields: [],
    statuses: [
      { id: 'open', label: 'Open', meaning: 'open' },
      { id: 'pending', label: 'Pending', meaning: 'pending' },
      { id: 'hold', label: 'On-site visit', meaning: 'hold' },
      { id: 'resolved', label: 'Resolved', meaning: 'resolved' },
    ],
    priorities: ['low', 'normal', 'high', 'urgent'].map((value) => ({ value, label: value })),
    groups: desk.groups,
    agents: [],
  };

  it('gets its status of the nearest meaning, and its normal for medium', () => {
    const status = (key: string, date: string | null = null) => evaluate({ helpdesk: 'other', outcome: { status: key, date } }, gym, builtIn).values.status;
    expect(status('resolvido')).toBe('resolved');
    expect(status('visita-presencial', 'to-be-agreed')).toBe('hold');
    expect(status('esperando-cliente', 'to-be-agreed')).toBe('pending');
    expect(evaluate({ helpdesk: 'other' }, gym, builtIn).values).toMatchObject({ priority: 'normal', due: { field: 'due' } });
  });
});

describe('any closing', () => {
  const outcome = fc.record({
    status: fc.constantFrom(...gym.statuses.map(({ key }) => key)),
    date: fc.constantFrom(null, 'to-be-agreed' as const, '2026-11-25', '2026-11-22', '2019-01-01'),
  });
  const sample = fc.record({
    now: fc.integer({ min: at('2026-01-01T00:00'), max: at('2028-01-01T00:00') }),
    impact: fc.constantFrom(...gym.impacts.map(({ id }) => id)),
    topic: fc.constantFrom(null, ...gym.topics.map(({ key }) => key)),
    outcome,
  });

  it('has a due date, an ask or a problem wherever its outcome wants a date', () => {
    fc.assert(
      fc.property(sample, (one) => {
        const { due, asks, problems, values } = evaluate(one);
        const rule = gym.parsed.statuses[one.outcome.status]?.due;
        if (typeof rule === 'object') expect([due !== null, asks.some(({ field }) => field === 'date'), problems.length > 0].filter(Boolean)).toHaveLength(1);
        if (due) {
          expect(due.at).toBeGreaterThan(one.now);
          expect(due.at).toBe(gym.calendar.endOfHours(due.ymd));
          expect(values.due?.at).toBe(due.at);
        }
      }),
    );
  });

  it('explains every value that it sets, with a line of the file', () => {
    const lines = gymText.split('\n').length;
    fc.assert(
      fc.property(sample, (one) => {
        const { values, why } = evaluate(one);
        for (const name of ['status', 'priority', 'group', 'due'] as const) if (values[name] !== undefined) expect(why[name]?.line).toBeGreaterThan(1);
        for (const field of Object.keys(values.fields ?? {})) expect(why[`field:${field}`]).toBeDefined();
        for (const { line, file, reason } of Object.values(why)) {
          expect(file).toBe(GYM_FILE);
          expect(line).toBeLessThanOrEqual(lines);
          expect(reason).not.toMatch(/\{\w+\}|undefined/);
        }
      }),
    );
  });
});
