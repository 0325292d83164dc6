import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMapping } from './compile.ts';
import { compiled, complaints, edited, GYM_FILE, gymText, lineWith } from './gym-desk.ts';
import { jsonSchemaText } from './schema.ts';
import { nearest } from './suggest.ts';

describe('a sound file', () => {
  it('compiles to what it says', () => {
    const gym = compiled();
    expect(gym.file).toBe(GYM_FILE);
    expect(gym.version).toMatch(/^[0-9a-f]{64}$/);
    expect(gym.language).toBe('pt-BR');
    expect(gym.impacts.map(({ priority }) => priority)).toEqual(['low', 'medium', 'high', 'urgent']);
    expect(gym.statuses.map(({ key, meaning }) => [key, meaning])).toEqual([
      ['resolvido', 'resolved'],
      ['pendente', 'pending'],
      ['esperando-cliente', 'waiting'],
      ['visita-presencial', 'visit'],
      ['aberto', 'open'],
    ]);
    expect(gym.statuses[3]?.date).toEqual({ label: 'Data da visita', withinDays: null, mayBeUnknown: true, confirm: ['agenda', 'cliente'] });
    expect(gym.summary.template('Catraca não libera')).toBe('Problema: Catraca não libera\nFeito: \nFalta: ');
    expect(gym.late).toEqual({
      courtesy: { note: true, reopen: false },
      withinMs: 86_400_000,
      to: 'ticket-of-topic',
      status: 'pendente',
      otherwise: 'new-conversation',
    });
    expect(gym.words.transcript).toBe('Transcrição');
    expect(gym.append).toEqual({ candidates: 'company', windowDays: 90 });
  });

  it('changes its version with every letter', () => {
    expect(compiled(`${gymText}# more\n`).version).not.toBe(compiled().version);
  });

  it('offers titles that ops keep before free sentences', () => {
    const gym = compiled();
    const said = ['bom dia', 'a roleta travou com um aluno dentro'];
    expect(gym.proposeTitles('catraca', said)).toEqual(['Catraca não libera', 'A roleta travou com um aluno dentro']);
    expect(gym.proposeTitles(null, said)).toEqual(['A roleta travou com um aluno dentro']);
  });

  it('reads labels and meanings from keys and due rules where the file gives none', () => {
    const bare = compiled(edited(['    label: Esperando o cliente, até…\n', '']));
    expect(bare.statuses[2]).toMatchObject({ label: 'Esperando cliente', meaning: 'waiting' });
  });
});

describe('a broken file', () => {
  it.each<[string, string, string, string]>([
    ['a misspelt key', 'priority: medium,', 'prority: medium,', 'impact[1].prority: unknown key "prority"; did you mean "priority"?'],
    ['a misspelt section', 'courtesy: [', 'curtesy: [', 'curtesy: unknown key "curtesy"; did you mean "courtesy"?'],
    ['a misspelt key of a status', 'group: Campo', 'gruop: Campo', 'statuses.visita-presencial.gruop: "gruop" is neither a key of a status nor a helpdesk'],
    ['a misspelt filter', '{{ served_company.name }}', '{{ served_company.name | upcas }}', 'subject.rules[0].text: undefined filter: upcas'],
    ['a misspelt variable', '{{ served_company.name }}', '{{ servd_company.name }}', 'unknown variable "servd_company.name"; did you mean "served_company"?'],
    [
      'a variable that the summary has not',
      'template: "Problema: {{ title }}',
      'template: "Problema: {{ topic.title }}',
      'summary.template: unknown variable "topic.title"',
    ],
    ['an include', '{{ served_company.name }}', "{% include '/etc/passwd' %}", 'tag "include" not found'],
    ['a misspelt field', 'field: contact.company', 'field: contact.compny', 'unknown field "contact.compny"; did you mean "contact.company"?'],
    ['two operators', 'is: ifitness }', 'is: ifitness, contains: x }', 'subject.rules[0].when.all[1]: a field needs one of'],
    ['a wrong time zone', 'America/Sao_Paulo', 'America/Sampa', 'calendar.time_zone: must be a time zone'],
    ['wrong hours', 'sat: "08:00-12:00" }', 'sat: "8-12" }', 'calendar.hours.sat: must be hours like'],
    ['a wrong weekday', 'hours: { mon-fri:', 'hours: { mon-fry:', 'calendar.hours.mon-fry: must be a weekday'],
    ['an unknown holiday source', 'BR-SP-SP]', 'BR-XP]', 'calendar.holidays.sources[2]: no holidays are known for "BR-XP"'],
    ['a day that is closed and short', '"2027-05-27"]', '"2026-12-24"]', 'calendar.holidays.closed[2]: is in `short` too'],
    ['a date that does not exist', '"2027-02-09"', '"2027-02-30"', 'calendar.holidays.closed[1]: must be a date'],
    ['a priority that no impact has', 'takes: [urgent, high]', 'takes: [urgent, hihg]', 'no impact has the priority "hihg"; did you mean "high"?'],
    ['an unknown due rule', 'due: none', 'due: nome', 'statuses.resolvido.due: "nome" is not known; did you mean "none"?'],
    ['a wrong kind', 'within_days: 30', 'within_days: many', 'statuses.esperando-cliente.due.within_days: must be a number, but is "many"'],
    ['an impact that is there twice', 'id: contorno,      priority', 'id: duvida,      priority', 'impact[1].id: "duvida" is there twice'],
    [
      'an example with an unknown status',
      'status: pendente, impact: contorno, due: "2026-11-23',
      'status: pendnte, impact: contorno, due: "2026-11-23',
      'did you mean "pendente"?',
    ],
    ['a missing section', 'summary:\n  required: true', 'resumo:\n  required: true', 'resumo: unknown key "resumo"'],
    [
      'an ended channel that is not its own',
      'remind_agent: 10m',
      'widgt-site: ask, remind_agent: 10m',
      'ended_elsewhere.widgt-site: "widgt-site" is no channel of this file; did you mean "widget-site"?',
    ],
    [
      'a late status that is none',
      'to: ticket-of-topic, status: pendente',
      'to: ticket-of-topic, status: novo',
      'late_messages.status: `statuses` has no "novo"',
    ],
  ])('with %s is refused with line and reason', (_, from, to, reason) => {
    const text = edited([from, to]);
    const told = complaints(text);
    expect(told.join('\n')).toContain(reason);
    const line = lineWith(to, text);
    // A block that was replaced starts on the line of the fault; a part within a line is on it.
    expect(told.some((one) => one.startsWith(`${GYM_FILE}:${line}: `) && one.includes(reason))).toBe(true);
  });

  it('tells all that is wrong at once, in the order of its lines', () => {
    const told = complaints(
      edited(
        ['priority: medium,', 'prority: medium,'],
        ['group: Campo', 'gruop: Campo'],
        ['hours: { mon-fri:', 'hours: { mon-fry:'],
        ['version: 1', 'version: 2'],
      ),
    );
    const lines = told.map((one) => Number(one.split(':')[1]));
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  });

  it('names the line within a text that stands as a block', () => {
    const text = edited(['  template: "Problema: {{ title }}\\nFeito: \\nFalta: "', '  template: |\n    Problema: {{ title }}\n    Feito: {{ titel }}']);
    expect(complaints(text)).toEqual([`${GYM_FILE}:${lineWith('{{ titel }}', text)}: summary.template: unknown variable "titel"; did you mean "title"?`]);
  });

  it('with broken YAML, or the same key twice, is told by its line', () => {
    expect(complaints('version: 1\nfor: { channels: [a\nhelpdesk: x\n', 'x.yaml')[0]).toMatch(/^x\.yaml:\d: /);
    const twice = `${gymText}helpdesk: other\n`;
    expect(complaints(twice)[0]).toContain(`${GYM_FILE}:${twice.trimEnd().split('\n').length}: Map keys must be unique`);
  });

  it('that is no mapping at all says so', () => {
    expect(complaints('', 'x.yaml')).toEqual(['x.yaml:1: is no mapping: it must be a map of sections']);
    expect(complaints('- a\n', 'x.yaml').length).toBeGreaterThan(0);
    expect(complaints('42', 'x.yaml')).toEqual(['x.yaml:1: is no mapping: it must be a map of sections']);
  });

  it('must end its subject rules with one that always holds', () => {
    const text = edited(['    - text: "{{ title }}"\n', '']);
    expect(complaints(text)).toEqual([
      `${GYM_FILE}:${lineWith('    - name: Micro', text)}: subject.rules[0]: the last rule must hold always, so it has no \`when\``,
    ]);
  });
});

describe('any text', () => {
  it('compiles or is refused, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const result = compileMapping(text, 'x.yaml');
        expect('mapping' in result || result.problems.length > 0).toBe(true);
      }),
    );
  });

  it('cut off or with a line missing still has a line for every problem', () => {
    const lines = gymText.split('\n');
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.nat(lines.length - 1), (from, count) => {
        const text = [...lines.slice(0, from), ...lines.slice(from + 1 + (count % 4))].join('\n');
        const result = compileMapping(text, 'x.yaml');
        if ('mapping' in result) return;
        expect(result.problems.length).toBeGreaterThan(0);
        for (const { line, message } of result.problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(message).not.toBe('');
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the JSON Schema in mappings/', () => {
  it('is the one that the code generates: run `node src/mapping/write-schema.ts` after a change', async () => {
    expect(await readFile(new URL('../../mappings/schema.json', import.meta.url), 'utf8')).toBe(jsonSchemaText());
  });
});

describe('suggestions', () => {
  it('are near, or none', () => {
    expect(nearest('gruop', ['group', 'due'])).toBe('group');
    expect(nearest('xyz', ['group', 'due'])).toBeUndefined();
  });
});
