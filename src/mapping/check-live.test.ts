import { describe, expect, it } from 'vitest';
import type { DeskSchema } from '../kit/index.ts';
import { checkLive } from './check-live.ts';
import { compiled, edited, GYM_FILE, gymText, lineWith } from './gym-desk.ts';
import { impliedSchema } from './sample.ts';
import { tellProblem } from './source.ts';

const gym = compiled();
const sound = impliedSchema(gym, gym.helpdesk);
const check = (schema: DeskSchema, text: string = gymText) => checkLive(compiled(text), { [gym.helpdesk]: schema }).map(tellProblem);

describe('a mapping and a live helpdesk', () => {
  it('agree where the helpdesk has all that the file names', () => {
    expect(check(sound)).toEqual([]);
  });

  it('are not judged where the helpdesk could not be read', () => {
    expect(checkLive(gym, {})).toEqual([]);
  });

  it.each<[string, Partial<DeskSchema>, string, string]>([
    [
      'a status',
      { statuses: sound.statuses.map((one) => (one.label === 'Pendente' ? { ...one, id: '3', label: 'Pendentes' } : one)) },
      `${gym.helpdesk}: Pendente`,
      'no status "Pendente"; did you mean "Pendentes"?',
    ],
    ['a priority', { priorities: sound.priorities.slice(1) }, 'id: duvida', 'no priority "low"'],
    ['a group', { groups: sound.groups.filter(({ label }) => label !== 'Plantão') }, 'group: Plantão', 'no group "Plantão"'],
    ['a field', { fields: sound.fields.filter(({ name }) => name !== 'cf_produto') }, 'cf_produto: Catraca', 'no field "cf_produto"'],
    ['the date field', { fields: sound.fields.filter(({ name }) => name !== 'cf_data_retorno') }, 'otherwise: cf_data_retorno', 'no field "cf_data_retorno"'],
  ])('differ where it lacks %s, which is told with its line', (_, change, line, reason) => {
    const told = check({ ...sound, ...change });
    expect(told.some((one) => one.startsWith(`${GYM_FILE}:${lineWith(line)}: `) && one.includes(reason))).toBe(true);
  });

  it('differ where a choice is not offered', () => {
    const fields = sound.fields.map((field) =>
      field.name === 'cf_produto'
        ? { ...field, type: 'choice' as const, choices: ['Catraca', 'Finger', 'Totens', 'Sistema'].map((label) => ({ value: label, label })) }
        : field,
    );
    expect(check({ ...sound, fields })).toEqual([
      `${GYM_FILE}:${lineWith('cf_produto: Totem')}: topics.impressora.fields.cf_produto: "Totem" does not fit the field cf_produto; did you mean "Totens"?`,
    ]);
  });

  it('differ where a due date would be written while the timer stands', () => {
    const statuses = sound.statuses.map((status) => ({ ...status, timer: false }));
    expect(check({ ...sound, statuses })).toEqual([expect.stringContaining(`due_write.${gym.helpdesk}.timer_on[0]: the SLA timer stands in Aberto`)]);
  });

  it('differ where a status takes no due date and no date field is named', () => {
    expect(check(sound, edited([', otherwise: cf_data_retorno', '']))).toEqual([
      expect.stringContaining('takes no due date in Pendente: name a date field with `otherwise`'),
      expect.stringContaining('in Esperando o cliente'),
      expect.stringContaining('in Visita presencial'),
    ]);
  });

  it('differ where the date field holds no dates', () => {
    const fields = sound.fields.map((field) => (field.type === 'date' ? { ...field, type: 'text' as const } : field));
    expect(check({ ...sound, fields })).toEqual([expect.stringContaining('is no date field')]);
  });
});
