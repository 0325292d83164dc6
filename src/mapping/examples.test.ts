import { describe, expect, it } from 'vitest';
import { runExamples } from './examples.ts';
import { compiled, edited, lineWith } from './gym-desk.ts';

const failing = (text: string) => runExamples(compiled(text)).filter(({ failures }) => failures.length > 0);

describe("a file's own examples", () => {
  it('all pass as shipped', () => {
    const results = runExamples(compiled());
    expect(results.length).toBeGreaterThanOrEqual(15);
    expect(results.filter(({ failures }) => failures.length > 0)).toEqual([]);
  });

  it('fail with what came out instead, why, and the line of the example', () => {
    const text = edited(['due: "2026-11-23T18:00"', 'due: "2026-11-20T18:00"']);
    expect(failing(text)).toEqual([
      {
        index: 0,
        line: lineWith('due: "2026-11-20T18:00"', text),
        assumed: null,
        failures: [{ field: 'due', expected: '2026-11-20T18:00', actual: '2026-11-23T18:00', why: expect.stringContaining('Dia da Consciência Negra') }],
      },
    ]);
  });

  it.each([
    ['priority: medium, due_field', 'priority: low, due_field', 'priority'],
    [
      'due_field: cf_data_retorno }\n  - { now: "2026-11-19T16:00", status: pendente, impact: catraca-livre',
      'due_field: due }\n  - { now: "2026-11-19T16:00", status: pendente, impact: catraca-livre',
      'due_field',
    ],
    ['group: Plantão }\n  - {', 'group: Campo }\n  - {', 'group'],
    ['notify: [agenda-de-visitas]', 'notify: []', 'notify'],
    ['ticket_status: pending', 'ticket_status: open', 'ticket_status'],
    ['asks: [served_company]', 'asks: []', 'asks'],
    ['subject: "Fit Prime - Finger apagado"', 'subject: "Fit prime - finger apagado"', 'subject'],
    ['topics: [catraca, impressora]', 'topics: [catraca]', 'topics'],
    ['topics: [], courtesy: true', 'topics: [], courtesy: false', 'courtesy'],
    ['due: null, priority: low', 'due: "2026-11-25", priority: low', 'due'],
  ])('notice when %j becomes %j', (from, to, field) => {
    expect(failing(edited([from, to])).flatMap(({ failures }) => failures.map((failure) => failure.field))).toEqual([field]);
  });

  it('fail where the mapping itself finds the case faulty', () => {
    const text = edited(['date: "2026-11-26", impact: contorno, due: "2026-11-26T18:00"', 'date: "2026-11-22", impact: contorno']);
    expect(failing(text)[0]?.failures).toEqual([{ field: 'date', expected: 'no problem', actual: expect.stringContaining('22'), why: null }]);
  });

  it('say under which brand they hold where they leave it open', () => {
    const text = edited(['served: Academia Corpo Vivo, brand: ifitness,', 'served: Academia Corpo Vivo,']);
    expect(runExamples(compiled(text)).flatMap(({ assumed }) => assumed ?? [])).toEqual(['the brand of Academia Corpo Vivo is ifitness']);
  });
});
