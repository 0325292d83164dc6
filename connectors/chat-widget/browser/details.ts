/** Asks what ops want to know before the first message. What is typed is claimed, nothing more. */
import { labelOf } from '../languages.ts';
import type { Config, Profile, Question } from './api.ts';
import { el, set } from './dom.ts';
import type { Keep } from './keep.ts';
import type { Language, Words } from './words.ts';

export interface Details {
  readonly element: HTMLElement;
  /** Hidden once the conversation has begun. */
  show(visible: boolean): void;
  /** What to send along; undefined when something is missing, and then the field has focus and says what. `lead`: the answers as lines of text. */
  profile(): (Profile & { readonly lead?: string }) | undefined;
  /** Goes to the first field that must be filled in; false where there is none. */
  focus(): boolean;
  /** What was told is not to be told again. */
  forget(): void;
}

type Kind = Question['kind'] | 'name';

interface Field {
  readonly key: string;
  readonly kind: Kind;
  readonly label: string;
  readonly required: boolean;
  readonly row: HTMLElement;
  readonly input: HTMLInputElement | HTMLSelectElement;
  complain(problem: string): void;
}

const longest: Readonly<Record<Exclude<Kind, 'choice'>, string>> = { name: '120', email: '320', phone: '40', text: '500' };
const inputType = { name: 'text', text: 'text', email: 'email', phone: 'tel' } as const;
const completion = { name: 'name', text: undefined, email: 'email', phone: 'tel' } as const;

function control(id: string, kind: Kind, choices: readonly string[], words: Words): Field['input'] {
  if (kind !== 'choice') return el('input', { id, type: inputType[kind], autocomplete: completion[kind], maxlength: longest[kind] });
  return el('select', { id }, el('option', { value: '' }, words.choose), ...choices.map((choice) => el('option', {}, choice)));
}

type Asked = Pick<Field, 'key' | 'kind' | 'label' | 'required'> & { readonly choices?: readonly string[] };

function createField({ key, kind, label, required, choices = [] }: Asked, words: Words): Field {
  const id = `ask-${key}`;
  const input = control(id, kind, choices, words);
  set(input, { 'aria-required': required ? 'true' : undefined });
  const problem = el('p', { id: `${id}-problem`, class: 'problem', role: 'alert' });
  const caption = el('label', { for: id }, label);
  if (!required) caption.append(' ', el('span', { class: 'hint' }, `(${words.optional})`));
  input.addEventListener('input', () => complain(''));
  function complain(text: string): void {
    problem.textContent = text;
    set(input, { 'aria-invalid': text ? 'true' : undefined, 'aria-describedby': text ? problem.id : undefined });
    if (text) input.focus();
  }
  return { key, kind, label, required, row: el('div', { class: 'field' }, caption, input, problem), input, complain };
}

const looksLikeEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
const looksLikePhone = (text: string): boolean => /^\+?[\d\s().\-/]+$/.test(text) && /^\d{6,15}$/.test(text.replace(/\D/g, ''));

function problemOf({ kind, required }: Field, value: string, words: Words): string | undefined {
  if (value === '')
    return required
      ? { name: words.nameNeeded, email: words.emailNeeded, other: words.answerNeeded }[kind === 'name' || kind === 'email' ? kind : 'other']
      : undefined;
  if (kind === 'email' && !looksLikeEmail(value)) return words.emailWrong;
  if (kind === 'phone' && !looksLikePhone(value)) return words.phoneWrong;
  return undefined;
}

/** `finished` is called when Enter is pressed in the last field. */
export function createDetails(config: Config, words: Words, language: Language, keep: Keep, finished: () => void): Details {
  const saved = keep.get<Profile>('profile') ?? {};
  const asked: readonly Asked[] = [
    ...(config.askName === 'no' ? [] : [{ key: 'name', kind: 'name', label: words.name, required: config.askName === 'required' } as const]),
    ...(config.askEmail === 'no' ? [] : [{ key: 'email', kind: 'email', label: words.email, required: config.askEmail === 'required' } as const]),
  ];
  const own = asked.map((one) => createField(one, words));
  const questions = (config.preChat ?? []).map((one) => createField({ ...one, key: `own-${one.key}`, label: labelOf(one, language) }, words));
  const fields = [...own, ...questions];
  const keyOf = (field: Field): string => field.key.replace(/^own-/, '');
  for (const field of own) field.input.value = (field.kind === 'name' ? saved.name : saved.email) ?? '';
  for (const field of questions) field.input.value = saved.answers?.[keyOf(field)] ?? '';
  const element = el('section', { class: 'details', 'aria-label': words.details }, el('h3', {}, words.details), ...fields.map(({ row }) => row));
  let visible = false;

  for (const [index, { input }] of fields.entries())
    input.addEventListener('keydown', (event) => {
      if (!(event instanceof KeyboardEvent) || event.key !== 'Enter' || event.isComposing || input instanceof HTMLSelectElement) return;
      event.preventDefault();
      const next = fields[index + 1];
      if (next) next.input.focus();
      else finished();
    });

  const typed = (field: Field | undefined): string => field?.input.value.trim() ?? '';

  /** Names the first thing that is missing; true when nothing is. */
  function complete(): boolean {
    for (const field of fields) {
      const problem = problemOf(field, typed(field), words);
      if (!problem) continue;
      field.complain(problem);
      return false;
    }
    return true;
  }

  function given(): Profile & { readonly lead?: string } {
    const [name, email] = [typed(own.find(({ kind }) => kind === 'name')), typed(own.find(({ kind }) => kind === 'email'))];
    const answered = questions.filter((field) => typed(field) !== '');
    return {
      ...(name && { name }),
      ...(email && { email }),
      ...(answered.length > 0 && {
        answers: Object.fromEntries(answered.map((field) => [keyOf(field), typed(field)])),
        language,
        lead: answered.map((field) => `${field.label}: ${typed(field)}`).join('\n'),
      }),
    };
  }

  return {
    element,
    show(wanted) {
      visible = wanted && fields.length > 0;
      element.hidden = !visible;
    },
    profile() {
      if (!visible) {
        // The answers stand above the first message; name and address go with each.
        const { name, email } = keep.get<Profile>('profile') ?? {};
        return { ...(name && { name }), ...(email && { email }) };
      }
      if (!complete()) return undefined;
      const profile = given();
      keep.set('profile', profile);
      return profile;
    },
    focus() {
      const empty = visible ? fields.find((field) => field.required && typed(field) === '') : undefined;
      empty?.input.focus();
      return empty !== undefined;
    },
    forget: () => keep.remove('profile'),
  };
}
