import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preChatSchema, readAnswers, withAnswers } from './pre-chat.ts';

const questions = preChatSchema.parse([
  { key: 'unit', kind: 'choice', label: { en: 'Gym', 'pt-BR': 'Unidade' }, choices: ['Centro', 'Sul'], required: true },
  { key: 'phone', kind: 'phone', country: 'BR' },
  { key: 'mail', kind: 'email' },
  { key: 'machine', label: 'Machine' },
]);

describe('answers', () => {
  it('are kept in the order of the questions, in the words that the visitor read', () => {
    const given = { machine: ' catraca ', mail: 'm@corpovivo.example', unit: 'Sul', phone: '(11) 93000-1001' };
    expect(readAnswers(questions, given, 'pt-BR')).toEqual({
      answers: [
        { kind: 'choice', label: 'Unidade', value: 'Sul' },
        { kind: 'phone', label: 'Número de telefone', value: '(11) 93000-1001', number: '+5511930001001' },
        { kind: 'email', label: 'Endereço de e-mail', value: 'm@corpovivo.example' },
        { kind: 'text', label: 'Machine', value: 'catraca' },
      ],
    });
  });

  it('in a language that ops did not write are in English, else in the first that they wrote', () => {
    const label = (given: object): string => {
      const read = readAnswers(preChatSchema.parse([{ key: 'a', label: given }]), { a: 'x' }, 'it');
      return 'answers' in read ? (read.answers[0]?.label ?? '') : read.problem;
    };
    expect([label({ en: 'Gym', de: 'Studio' }), label({ de: 'Studio' })]).toEqual(['Gym', 'Studio']);
  });

  it('leave out what was left empty', () => {
    expect(readAnswers(questions, { unit: '', machine: '  ' }, 'en')).toEqual({ answers: [] });
  });

  it('keep a phone that nobody could call as it was typed, without a number', () => {
    expect(readAnswers(questions, { phone: '000 000' }, 'en')).toEqual({ answers: [{ kind: 'phone', label: 'Phone number', value: '000 000' }] });
  });

  it.each([
    [{ other: 'x' }, 'answers: "other" is not asked for'],
    [{ unit: 'Norte' }, 'answers.unit: is none of the choices'],
    [{ mail: 'sem arroba' }, 'answers.mail: is no e-mail address'],
    [{ phone: 'ligue' }, 'answers.phone: is no phone number'],
    [{ phone: '12' }, 'answers.phone: is no phone number'],
    [{ machine: 'x'.repeat(501) }, 'answers.machine: is longer than 500 characters'],
    [{ constructor: 'x' }, 'answers: "constructor" is not asked for'],
  ])('that are %j are refused with the question’s name', (given, problem) => {
    expect(readAnswers(questions, given, 'en')).toEqual({ problem });
  });

  it('take one line each, whatever was typed, so that none looks like another question’s', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (typed) => {
        const read = readAnswers(questions, { machine: typed }, 'en');
        const text = 'answers' in read ? withAnswers(read.answers, 'oi') : '';
        expect(text.split(/\r\n|[\n\r\u2028\u2029]/).length).toBe('answers' in read && read.answers.length > 0 ? 3 : 1);
        expect(text).not.toContain('\0');
      }),
    );
  });
});

describe('questions', () => {
  it.each([
    [[{ key: 'a' }], 'a text has none of its own'],
    [[{ key: 'a', kind: 'choice', label: 'A' }], 'a choice needs some'],
    [[{ key: 'a', label: 'A', choices: ['x'] }], 'only a choice has them'],
    [[{ key: 'a', kind: 'choice', label: 'A', choices: ['x', 'x'] }], 'stands there twice'],
    [[{ key: 'a', label: {} }], 'at least one language'],
    [[{ key: 'a', label: { fr: 'A' } }], 'fr'],
    [[{ key: 'Ä', label: 'A' }], 'lower-case'],
    [[{ key: 'p', kind: 'phone', country: 'XX' }], 'a country like BR'],
    [
      [
        { key: 'a', label: 'A' },
        { key: 'a', label: 'B' },
      ],
      'taken by another',
    ],
  ])('%j are refused: %s', (given, problem) => {
    expect(JSON.stringify(preChatSchema.safeParse(given).error?.issues ?? '').replaceAll('\\"', '"')).toContain(problem);
  });
});
