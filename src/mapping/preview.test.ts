import { describe, expect, it } from 'vitest';
import { diffMappings, samplesOf } from './diff.ts';
import { compiled, edited, GYM_FILE, lineWith } from './gym-desk.ts';
import { previewMapping } from './preview.ts';

const now = Date.parse('2026-11-19T19:00:00Z');
const gym = compiled();

describe('a preview', () => {
  const preview = previewMapping(gym, {
    now,
    messages: ['Bom dia, a catraca não libera ninguém', 'e a impressora do totem também não', 'a catraca está fechada', 'obrigada!'],
    impact: 'parado',
    outcome: { status: 'visita-presencial', date: 'to-be-agreed' },
  });

  it('shows each value with its reason and its line', () => {
    expect(preview.rows.find(({ name }) => name === 'priority')).toEqual({
      name: 'priority',
      value: 'high',
      reason: "impacto 'Parado: aluno pagante não entra ou não paga'",
      at: `${GYM_FILE}:${lineWith('id: parado')}`,
    });
    expect(preview.rows.map(({ name }) => name).toSorted()).toEqual(['due', 'due_field', 'field:cf_produto', 'group', 'priority', 'status', 'subject']);
  });

  it('finds topics and courtesies, and takes the topic that most messages speak of', () => {
    expect(preview.messages.map(({ topics, courtesy }) => [topics.join('+'), courtesy])).toEqual([
      ['catraca', false],
      ['impressora', false],
      ['catraca', false],
      ['', true],
    ]);
    expect(preview.titles[0]).toBe('Catraca não libera');
    expect(preview.notify).toEqual(['agenda-de-visitas']);
    expect(preview.problems).toEqual([]);
  });

  it('tells what is still missing', () => {
    expect(previewMapping(gym, { now, messages: ['a senha não entra'] }).asks.map(({ field }) => field)).toEqual(['outcome', 'impact']);
  });
});

describe('a diff', () => {
  const samples = samplesOf([gym], now);

  it('is empty between two versions that say the same, wherever their lines are', () => {
    expect(diffMappings(gym, compiled(edited(['version: 1', '# a remark\nversion: 1'])), samples)).toEqual([]);
  });

  it('tells which values change, from what to what, and in which cases', () => {
    const text = edited(['id: contorno,      priority: medium', 'id: contorno,      priority: high']);
    const changes = diffMappings(gym, compiled(text), samples);
    const priority = changes.find(({ value }) => value === 'priority');
    expect(priority).toMatchObject({ before: 'medium', after: 'high', at: `${GYM_FILE}:${lineWith('id: contorno', text)}` });
    expect(priority?.samples).toHaveLength(gym.statuses.length + gym.statuses.filter(({ date }) => date).length);
    // What is high is worked on Saturdays.
    expect(changes).toContainEqual(expect.objectContaining({ value: 'due', before: '2026-11-23 18:00', after: '2026-11-21 12:00' }));
    expect(changes).toContainEqual(expect.objectContaining({ value: 'group', before: '', after: 'Plantão' }));
  });

  it('tells of topics that messages no longer show, and of outcomes that are gone', () => {
    const fewer = compiled(edited(['words: [catraca, roleta,', 'words: [catraca,']));
    expect(diffMappings(gym, fewer, [{ now, name: 'roleta', messages: ['a roleta travou'] }])).toEqual([
      { value: 'topics', before: 'catraca', after: '-', at: null, samples: ['roleta'] },
    ]);
    const renamed = compiled(
      edited(
        ['  resolvido:\n', '  encerrado:\n'],
        ['status: resolvido, impact: duvida, title: E', 'status: encerrado, impact: duvida, title: E'],
        ['status: resolvido, impact: duvida, asks', 'status: encerrado, impact: duvida, asks'],
      ),
    );
    expect(diffMappings(gym, renamed, samples).map(({ value }) => value)).toContain('problems');
  });
});
