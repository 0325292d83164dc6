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

/** Of the mail that we send to ourselves, for whoever looks into the mailbox. */
export const canaryWords: Record<Language, { readonly subject: string; readonly text: string }> = {
  en: { subject: 'Deskbridge: test mail', text: 'Deskbridge sent this mail to itself to see that mail leaves and arrives. It can be deleted.' },
  'pt-BR': {
    subject: 'Deskbridge: e-mail de teste',
    text: 'O Deskbridge enviou este e-mail a si mesmo para verificar se os e-mails saem e chegam. Pode ser apagado.',
  },
  de: {
    subject: 'Deskbridge: Testmail',
    text: 'Deskbridge hat sich diese E-Mail selbst geschickt, um zu prüfen, dass Mails hinausgehen und ankommen. Sie kann gelöscht werden.',
  },
  it: {
    subject: 'Deskbridge: e-mail di prova',
    text: 'Deskbridge ha inviato questa e-mail a sé stesso per verificare che la posta parta e arrivi. Può essere eliminata.',
  },
  es: {
    subject: 'Deskbridge: correo de prueba',
    text: 'Deskbridge se envió este correo a sí mismo para comprobar que el correo sale y llega. Se puede borrar.',
  },
};
