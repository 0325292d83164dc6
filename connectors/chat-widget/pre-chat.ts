/** The form before the first message: what ops ask for, and what becomes of the answers. They are claimed, like all that a visitor types. */
import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import { type Language, labelOf, languages } from './languages.ts';

const words = z.string().trim().min(1).max(80);

const question = z
  .strictObject({
    key: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'use lower-case letters, digits, _ and -')
      .describe('Name of the answer for programs'),
    kind: z.enum(['text', 'email', 'phone', 'choice']).default('text').describe('What is asked for'),
    label: z
      .union([words, z.partialRecord(z.enum(languages), words).refine((given) => Object.keys(given).length > 0, 'needs at least one language')])
      .optional()
      .describe(
        'The question as visitors and agents read it, as a text or by language: `{en: Unit, pt-BR: Unidade}`. `email` and `phone` have one of their own',
      ),
    required: z.boolean().default(false).describe('Nothing can be written before it is answered'),
    choices: z.array(words).min(1).max(50).optional().describe('What a `choice` offers'),
    country: z
      .string()
      .refine((country) => isSupportedCountry(country), 'must be a country like BR')
      .optional()
      .describe('Country of a `phone` that is typed without its code, for example `BR`'),
  })
  .superRefine(({ kind, label, choices }, context) => {
    const problem = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (label === undefined && (kind === 'text' || kind === 'choice')) problem('label', `is missing: a ${kind} has none of its own`);
    if (kind === 'choice' && !choices) problem('choices', 'is missing: a choice needs some');
    if (kind !== 'choice' && choices) problem('choices', `only a choice has them, not a ${kind}`);
    const twice = choices?.find((choice, index) => choices.indexOf(choice) !== index);
    if (twice !== undefined) problem('choices', `"${twice}" stands there twice`);
  });

export const preChatSchema = z
  .array(question)
  .max(10)
  .default([])
  .superRefine((questions, context) => {
    const keys = questions.map(({ key }) => key);
    for (const [index, key] of keys.entries())
      if (keys.indexOf(key) !== index) context.addIssue({ code: 'custom', path: [index, 'key'], message: `"${key}" is taken by another question` });
  });
export type Question = z.output<typeof question>;

/** An answer as it is kept with the message: what was asked in the words that the visitor read. */
export interface Answer {
  readonly kind: Question['kind'];
  readonly label: string;
  readonly value: string;
  /** E.164, where a phone could be read as such. */
  readonly number?: string;
}

const longest = 500;

/** The answers in the order of the questions, or in words what is wrong with them. An empty answer is none. */
export function readAnswers(
  questions: readonly Question[],
  given: Readonly<Record<string, string>>,
  language: Language,
): { readonly answers: readonly Answer[] } | { readonly problem: string } {
  const unknown = Object.keys(given).find((key) => !questions.some((one) => one.key === key));
  if (unknown !== undefined) return { problem: `answers: "${unknown}" is not asked for` };
  const answers: Answer[] = [];
  for (const one of questions) {
    // One line each, so that an answer cannot look like another question's.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters, line ends among them, are what is taken out.
    const value = (given[one.key] ?? '').replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
    if (value === '') continue;
    const problem = problemOf(one, value);
    if (problem) return { problem: `answers.${one.key}: ${problem}` };
    const number = one.kind === 'phone' ? e164(value, one.country) : undefined;
    answers.push({ kind: one.kind, label: labelOf(one, language), value, ...(number !== undefined && { number }) });
  }
  return { answers };
}

function problemOf({ kind, choices }: Question, value: string): string | undefined {
  if (value.length > longest) return `is longer than ${longest} characters`;
  if (kind === 'email' && !z.email().max(320).safeParse(value).success) return 'is no e-mail address';
  if (kind === 'phone' && !/^\+?[\d\s().\-/]*$/.test(value)) return 'is no phone number';
  if (kind === 'phone' && !/^\d{6,15}$/.test(value.replace(/\D/g, ''))) return 'is no phone number';
  if (kind === 'choice' && !choices?.includes(value)) return 'is none of the choices';
  return undefined;
}

function e164(value: string, country: string | undefined): string | undefined {
  const parsed = parsePhoneNumberFromString(value, country !== undefined && isSupportedCountry(country) ? country : undefined);
  return parsed?.isValid() ? parsed.number : undefined;
}

/** The answers stand above the visitor's first words, where every agent and every ticket shows them. */
export const withAnswers = (answers: readonly Pick<Answer, 'label' | 'value'>[], text: string): string =>
  [answers.map(({ label, value }) => `${label}: ${value}`).join('\n'), text].filter(Boolean).join('\n\n');
