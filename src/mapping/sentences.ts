/** A title proposed from what the customer wrote: the first sentence with a problem, greetings skipped. */
import { fold } from './fold.ts';
import { compileCourtesy } from './topics.ts';

const GREETINGS = compileCourtesy([
  ...[
    'oi*',
    'ola',
    'opa',
    'e ai',
    'bom dia',
    'boa tarde',
    'boa noite',
    'tudo bem',
    'tudo bom',
    'td bem',
    'tudo certo',
    'obrigad*',
    'muito',
    'valeu',
    'ok',
    'certo',
    'por favor',
  ],
  ...['pessoal', 'gente', 'com vc', 'com voce', 'com voces', 'prezados', 'prezado*', 'alguem ai', 'como vai', 'como voce* esta*', 'amig*'],
  ...['hi', 'hello', 'hey', 'good morning', 'good afternoon', 'good evening', 'how are you', 'thanks', 'thank you', 'please', 'dear*', 'there', 'team', 'all'],
  ...[
    'hallo',
    'guten tag',
    'guten morgen',
    'guten abend',
    'moin',
    'servus',
    'danke',
    'bitte',
    'wie geht es ihnen',
    'sehr geehrte*',
    'damen und herren',
    'zusammen',
  ],
  ...['ciao', 'salve', 'buongiorno', 'buonasera', 'buon giorno', 'buona sera', 'come va', 'grazie', 'gentil*', 'per favore', 'a tutti'],
  ...['hola', 'buenos dias', 'buenas tardes', 'buenas noches', 'buenas', 'buen dia', 'que tal', 'como estas', 'como esta', 'gracias', 'por favor', 'estimad*'],
]);

const INTRODUCTION =
  /^(aqui (e|fala)|meu nome|me chamo|sou |my name|this is|i am |i'm |ich bin|mein name|hier ist|hier spricht|mi chiamo|sono |mi nombre|me llamo|soy )/;
const CUES = new RegExp(
  `(^|[^a-z])(${[
    ...[
      'nao',
      'nada',
      'nem',
      'sem',
      'erro',
      'problema',
      'falha',
      'defeito',
      'parou',
      'parad[ao]s?',
      'trav[aoe]\\w*',
      'quebr\\w*',
      'apag\\w*',
      'desligad\\w*',
      'queim\\w*',
      'abert[ao]s?',
    ],
    ...[
      'livre',
      'preciso',
      'ajuda',
      'duvida',
      'not',
      "\\w+n['’]?t",
      'error',
      'problem',
      'broken',
      'fail\\w*',
      'stuck',
      'stopped',
      'down',
      'wrong',
      'help',
      'need',
      'cannot',
      'unable',
    ],
    ...[
      'nicht',
      'kein\\w*',
      'fehler',
      'defekt',
      'kaputt',
      'hilfe',
      'hangt',
      'non',
      'niente',
      'errore',
      'guast\\w*',
      'rott\\w*',
      'bloccat\\w*',
      'ferm\\w*',
      'aiuto',
      'bisogno',
    ],
    ...['fall\\w*', 'averia\\w*', 'rot[ao]s?', 'bloquead\\w*', 'parad[ao]', 'ayuda', 'necesito', 'ningun\\w*'],
  ].join('|')})(?![a-z])`,
);

/** Characters read of a message, and of a sentence: a title stands near the start. */
const READ = 5000;
const SENTENCE = 400;

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Cut at a word, with an ellipsis; never longer than `max` characters. */
export function shorten(text: string, max: number): string {
  const whole = [...squeeze(text)];
  if (whole.length <= max) return whole.join('');
  const head = whole.slice(0, Math.max(0, max - 1)).join('');
  const word = whole[max - 1] === ' ' ? head : head.replace(/\s+\S*$/, '');
  return `${(word.length >= head.length / 2 ? word : head).replace(/[\s,;:–-]+$/, '')}…`;
}

/** Takes greetings off the front: "Bom dia, a catraca não libera" becomes "A catraca não libera". */
function withoutGreeting(sentence: string, skip: (text: string) => boolean): string {
  let rest = sentence;
  for (let comma = rest.search(/[,:–!]/); comma >= 0 && skip(rest.slice(0, comma)); comma = rest.search(/[,:–!]/)) rest = rest.slice(comma + 1).trim();
  const words = rest.split(' ');
  for (let take = Math.min(4, words.length - 1); take > 0; take--) {
    if (skip(words.slice(0, take).join(' '))) return words.slice(take).join(' ');
  }
  return rest;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * The first sentence of the customer's messages that tells a problem; else the first that is more than a greeting; else ''.
 * `isCourtesy` adds the mapping's own courtesies to the greetings known here.
 */
export function firstProblemSentence(messages: readonly string[], isCourtesy: (text: string) => boolean = () => false, max = 80): string {
  const skip = (text: string): boolean => squeeze(text) === '' || GREETINGS(text) || isCourtesy(text);
  const sentences = messages
    .flatMap((message) => message.slice(0, READ).split(/(?<=[.!?…])\s+|[\n;]+/))
    .map((sentence) => withoutGreeting(squeeze(sentence).slice(0, SENTENCE), skip).replace(/[\s.!…,;]+$/, ''))
    .filter((sentence) => !skip(sentence) && /\p{L}/u.test(sentence) && !INTRODUCTION.test(fold(sentence)));
  const told = sentences.find((sentence) => CUES.test(fold(sentence))) ?? sentences.find((sentence) => sentence.includes(' ')) ?? sentences[0];
  return told === undefined ? '' : shorten(capital(told), max);
}
