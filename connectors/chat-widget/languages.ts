/** The languages that the widget speaks, and the questions that it words itself: in the form and above the first message they read the same. */
export const languages = ['en', 'pt-BR', 'de', 'it', 'es'] as const;
export type Language = (typeof languages)[number];

const own: Readonly<Record<'email' | 'phone', Readonly<Record<Language, string>>>> = {
  email: { en: 'E-mail address', 'pt-BR': 'Endereço de e-mail', de: 'E-Mail-Adresse', it: 'Indirizzo e-mail', es: 'Correo electrónico' },
  phone: { en: 'Phone number', 'pt-BR': 'Número de telefone', de: 'Telefonnummer', it: 'Numero di telefono', es: 'Número de teléfono' },
};

interface Worded {
  readonly kind: 'text' | 'email' | 'phone' | 'choice';
  readonly label?: string | Readonly<Record<string, string>> | undefined;
}

/** A question as it is asked in this language. */
export function labelOf({ kind, label }: Worded, language: Language): string {
  if (typeof label === 'string') return label;
  if (label) return label[language] ?? label.en ?? Object.values(label)[0] ?? '';
  return kind === 'email' || kind === 'phone' ? own[kind][language] : '';
}
