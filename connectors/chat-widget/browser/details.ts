/** Asks for name and e-mail before the first message. What is typed is claimed, nothing more. */
import type { Config } from './api.ts';
import { el, set } from './dom.ts';
import type { Keep } from './keep.ts';
import type { Words } from './words.ts';

export interface Profile {
  readonly name?: string;
  readonly email?: string;
}

export interface Details {
  readonly element: HTMLElement;
  /** Hidden once the conversation has begun. */
  show(visible: boolean): void;
  /** What to send along; undefined when something is missing, and then the field has focus and says what. */
  profile(): Profile | undefined;
}

interface Field {
  readonly row: HTMLElement;
  readonly input: HTMLInputElement;
  complain(problem: string): void;
}

function createField(id: string, label: string, type: string, autocomplete: 'name' | 'email', hint: string): Field {
  const input = el('input', { id, type, autocomplete, maxlength: autocomplete === 'name' ? '120' : '320' });
  const problem = el('p', { id: `${id}-problem`, class: 'problem', role: 'alert' });
  const caption = el('label', { for: id }, label);
  if (hint) caption.append(' ', el('span', { class: 'hint' }, hint));
  input.addEventListener('input', () => complain(''));
  function complain(text: string): void {
    problem.textContent = text;
    set(input, { 'aria-invalid': text ? 'true' : undefined, 'aria-describedby': text ? problem.id : undefined });
    if (text) input.focus();
  }
  return { row: el('div', { class: 'field' }, caption, input, problem), input, complain };
}

const looksLikeEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);

export function createDetails(config: Config, words: Words, keep: Keep): Details {
  const saved = keep.get<Profile>('profile') ?? {};
  const hint = (asked: string): string => (asked === 'required' ? '' : `(${words.optional})`);
  const name = config.askName === 'no' ? undefined : createField('name', words.name, 'text', 'name', hint(config.askName));
  const email = config.askEmail === 'no' ? undefined : createField('email', words.email, 'email', 'email', hint(config.askEmail));
  if (name) name.input.value = saved.name ?? '';
  if (email) email.input.value = saved.email ?? '';
  const element = el(
    'section',
    { class: 'details', 'aria-label': words.details },
    el('h3', {}, words.details),
    ...[name?.row, email?.row].filter((row) => !!row),
  );
  let visible = false;

  /** Names the first thing that is missing; true when nothing is. */
  function complete(): boolean {
    if (name && config.askName === 'required' && name.input.value.trim() === '') {
      name.complain(words.nameNeeded);
      return false;
    }
    const address = email?.input.value.trim() ?? '';
    if (email && address === '' && config.askEmail === 'required') {
      email.complain(words.emailNeeded);
      return false;
    }
    if (email && address !== '' && !looksLikeEmail(address)) {
      email.complain(words.emailWrong);
      return false;
    }
    return true;
  }

  return {
    element,
    show(wanted) {
      visible = wanted && !!(name || email);
      element.hidden = !visible;
    },
    profile() {
      if (!visible) return saved.name || saved.email ? saved : (keep.get<Profile>('profile') ?? {});
      if (!complete()) return undefined;
      const given = { name: name?.input.value.trim(), email: email?.input.value.trim() };
      const profile: Profile = { ...(given.name && { name: given.name }), ...(given.email && { email: given.email }) };
      keep.set('profile', profile);
      return profile;
    },
  };
}
