import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compiled } from './gym-desk.ts';
import { compileCourtesy, compileTopics } from './topics.ts';

const gym = compiled();

describe('topics of a message', () => {
  it.each([
    ['Bom dia, a CATRACA não libera ninguém', ['catraca']],
    ['as catracas pararam e as impressoras tambem', ['catraca', 'impressora']],
    ['nao esta mais liberando os alunos', ['catraca']],
    ['Não, a roda libera normalmente', []],
    ['os leitores e as digitais falham', ['finger']],
    ['acabaram os cupons do totem', ['impressora']],
    ['preciso digitar de novo?', []],
    ['como exporto o relatorio de presença?', ['sistema']],
    ['reiniciei e nada', []],
    ['', []],
  ])('%s', (text, topics) => {
    expect(gym.topicsOf(text)).toEqual(topics);
  });

  it('do not depend on accents or case', () => {
    const strip = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase();
    const words = ['catraca', 'não', 'libera', 'relatório', 'a', 'senha', 'está', ',', 'totem'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words)), (picked) => {
        const text = picked.join(' ');
        expect(gym.topicsOf(strip(text))).toEqual(gym.topicsOf(text));
      }),
    );
  });

  it('are found wherever one of their words stands', () => {
    const topics = compileTopics([{ key: 'door', words: ['turnstile'] }]);
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}$/)), fc.array(fc.stringMatching(/^[a-z]{1,8}$/)), (before, after) => {
        expect(topics([...before, 'turnstiles', ...after].join(' '))).toEqual(['door']);
      }),
    );
  });

  it('take a wildcard at its word', () => {
    const topics = compileTopics([{ key: 'form', words: ['cadastr*'] }]);
    expect(topics('quero recadastrar')).toEqual([]);
    expect(topics('cadastramos ontem')).toEqual(['form']);
  });
});

describe('courtesies', () => {
  it.each(['obrigada! 🙏', 'Bom dia!', 'ok, valeu', 'MUITO OBRIGADO', '👍', '👍🏽👍🏽', 'blz', 'oi, tudo bem?'])('"%s" is one', (text) => {
    expect(gym.isCourtesy(text)).toBe(true);
  });

  it.each(['obrigada, mas travou de novo', '', '   ', '?', '😡', 'não', 'ok 123', 'bom dia, a catraca não libera', 'obrigada https://gym.example'])(
    '"%s" is none',
    (text) => {
      expect(gym.isCourtesy(text)).toBe(false);
    },
  );

  it('stop being one as soon as any other word is added', () => {
    fc.assert(
      fc.property(fc.constantFrom('obrigada', 'bom dia', 'ok'), fc.stringMatching(/^zz[a-z]{1,6}$/), (courtesy, word) => {
        expect(gym.isCourtesy(`${courtesy} ${word}`)).toBe(false);
        expect(gym.isCourtesy(`${word} ${courtesy}`)).toBe(false);
      }),
    );
  });

  it('are none where the file lists none, but for friendly emoji', () => {
    const bare = compileCourtesy([]);
    expect(bare('obrigada')).toBe(false);
    expect(bare('🙏')).toBe(true);
  });
});
