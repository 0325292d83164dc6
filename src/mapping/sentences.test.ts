import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compiled } from './gym-desk.ts';
import { firstProblemSentence, shorten } from './sentences.ts';

const gym = compiled();

describe('the first sentence with a problem', () => {
  it.each([
    [['Oi, bom dia! Tudo bem?', 'a catraca não libera ninguém. Pode ver?'], 'A catraca não libera ninguém'],
    [['Bom dia, Vocês atendem agora? A impressora do totem parou!'], 'A impressora do totem parou'],
    [['olá, aqui é a Maria da Corpo Vivo', 'o finger está apagado'], 'O finger está apagado'],
    [['como exporto o relatório de presença?'], 'Como exporto o relatório de presença?'],
    [['bom dia a catraca travou'], 'A catraca travou'],
    [['obrigada! 🙏'], ''],
    [[], ''],
    [['Hi there,', "my printer doesn't print"], "My printer doesn't print"],
    [['Guten Tag,\ndas Drehkreuz öffnet nicht mehr.'], 'Das Drehkreuz öffnet nicht mehr'],
    [['Buongiorno, il tornello non si apre'], 'Il tornello non si apre'],
    [['Hola, buenas tardes. El torno está bloqueado.'], 'El torno está bloqueado'],
  ])('%j', (messages, title) => {
    expect(firstProblemSentence(messages, gym.isCourtesy)).toBe(title);
  });

  it('is never longer than asked, whatever customers write', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { maxLength: 4 }), fc.integer({ min: 10, max: 80 }), (messages, max) => {
        expect([...firstProblemSentence(messages, gym.isCourtesy, max)].length).toBeLessThanOrEqual(max);
      }),
    );
  });

  it('comes quickly out of a message of a megabyte', () => {
    const started = performance.now();
    firstProblemSentence(['1n'.repeat(500_000), ' .'.repeat(500_000), ','.repeat(1_000_000)]);
    expect(performance.now() - started).toBeLessThan(1500);
  });
});

describe('shortening', () => {
  it('cuts at a word and says so', () => {
    expect(shorten('A catraca da entrada não libera ninguém', 25)).toBe('A catraca da entrada não…');
    expect(shorten('kurz', 25)).toBe('kurz');
    expect(shorten('x'.repeat(30), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});
