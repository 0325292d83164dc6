/** The few words that this channel writes into a conversation itself. */
import type { EmailSettings } from './settings.ts';

type Language = EmailSettings['language'];
type Problem = 'too-large' | 'unreadable';

const words: Record<Problem, Record<Language, string>> = {
  'too-large': {
    en: 'This mail is too large to be taken in ({size} MB). It stays in the mailbox.',
    'pt-BR': 'Este e-mail é grande demais para ser importado ({size} MB). Ele continua na caixa postal.',
    de: 'Diese E-Mail ist zu groß, um übernommen zu werden ({size} MB). Sie bleibt im Postfach.',
    it: 'Questa e-mail è troppo grande per essere acquisita ({size} MB). Rimane nella casella.',
    es: 'Este correo es demasiado grande para importarlo ({size} MB). Permanece en el buzón.',
  },
  unreadable: {
    en: 'The mail server could not hand over this mail ({size} MB). It stays in the mailbox.',
    'pt-BR': 'O servidor de e-mail não conseguiu entregar este e-mail ({size} MB). Ele continua na caixa postal.',
    de: 'Der Mailserver konnte diese E-Mail nicht herausgeben ({size} MB). Sie bleibt im Postfach.',
    it: 'Il server di posta non è riuscito a consegnare questa e-mail ({size} MB). Rimane nella casella.',
    es: 'El servidor de correo no pudo entregar este correo ({size} MB). Permanece en el buzón.',
  },
};

/** The text that stands for a mail whose body we do not have. `bytes` is its size as the server gives it. */
export const placeholder = (problem: Problem, language: Language, bytes: number): string =>
  words[problem][language].replace('{size}', (bytes / 2 ** 20).toFixed(1));
