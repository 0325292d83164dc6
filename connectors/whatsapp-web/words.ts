/** What each kind of message reads like, in a line or two: an agent sees what the customer sent, whatever it was. */
import type { HeardMessage } from './heard.ts';
import type { WhatsAppWebSettings } from './settings.ts';

type Language = WhatsAppWebSettings['language'];

const labels = {
  en: {
    gone: 'The file cannot be had here; look on the phone',
    call: 'Call',
    vote: 'Vote',
    order: 'Order',
    product: 'Product',
    payment: 'Payment',
    invite: 'Invitation to a group',
    appointment: 'Appointment',
    revoked: 'A message that was deleted',
    ciphertext: 'A message that could not be decrypted; look on the phone',
    unknown: 'A message of a kind that is not shown here; look on the phone',
  },
  'pt-BR': {
    gone: 'O arquivo não está disponível aqui; veja no celular',
    call: 'Chamada',
    vote: 'Voto',
    order: 'Pedido',
    product: 'Produto',
    payment: 'Pagamento',
    invite: 'Convite para um grupo',
    appointment: 'Evento',
    revoked: 'Uma mensagem que foi apagada',
    ciphertext: 'Uma mensagem que não pôde ser decifrada; veja no celular',
    unknown: 'Uma mensagem de um tipo que não é mostrado aqui; veja no celular',
  },
  de: {
    gone: 'Die Datei ist hier nicht zu haben; sieh auf dem Telefon nach',
    call: 'Anruf',
    vote: 'Stimme',
    order: 'Bestellung',
    product: 'Produkt',
    payment: 'Zahlung',
    invite: 'Einladung in eine Gruppe',
    appointment: 'Termin',
    revoked: 'Eine Nachricht, die gelöscht wurde',
    ciphertext: 'Eine Nachricht, die nicht entschlüsselt werden konnte; sieh auf dem Telefon nach',
    unknown: 'Eine Nachricht einer Art, die hier nicht gezeigt wird; sieh auf dem Telefon nach',
  },
  it: {
    gone: 'Il file non è disponibile qui; guarda sul telefono',
    call: 'Chiamata',
    vote: 'Voto',
    order: 'Ordine',
    product: 'Prodotto',
    payment: 'Pagamento',
    invite: 'Invito a un gruppo',
    appointment: 'Evento',
    revoked: 'Un messaggio che è stato eliminato',
    ciphertext: 'Un messaggio che non è stato possibile decifrare; guarda sul telefono',
    unknown: 'Un messaggio di un tipo che qui non si mostra; guarda sul telefono',
  },
  es: {
    gone: 'El archivo no está disponible aquí; míralo en el teléfono',
    call: 'Llamada',
    vote: 'Voto',
    order: 'Pedido',
    product: 'Producto',
    payment: 'Pago',
    invite: 'Invitación a un grupo',
    appointment: 'Evento',
    revoked: 'Un mensaje que fue eliminado',
    ciphertext: 'Un mensaje que no se pudo descifrar; míralo en el teléfono',
    unknown: 'Un mensaje de un tipo que aquí no se muestra; míralo en el teléfono',
  },
} as const;

type Words = (typeof labels)[Language];
type Render = (message: HeardMessage, words: Words) => string;

const lines = (...parts: (string | undefined)[]): string => parts.filter((part) => part !== undefined && part !== '').join('\n');
const body: Render = (message) => lines(message.title === message.body ? undefined : message.title, message.body, message.description);
const file: Render = ({ media, body }, words) => (media ? body : lines(`[${words.gone}]`, body));
const titled =
  (icon: string, label: keyof Words): Render =>
  (message, words) =>
    lines(
      `${icon} ${[words[label], message.title, message.order].filter(Boolean).join(': ')}`,
      message.body === message.title ? undefined : message.body,
      message.description,
    );

/** Name and numbers of a contact card (RFC 6350): lines may be folded, and properties grouped. */
function card(vcard: string): string {
  const unfolded = vcard.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  const values = (property: string): string[] =>
    unfolded.flatMap(
      (line) =>
        new RegExp(`^(?:[\\w-]+\\.)?${property}(?:;[^:]*)?:(.*)$`, 'i')
          .exec(line)?.[1]
          ?.replace(/\\([,;\\])/g, '$1')
          .trim() || [],
    );
  return `👤 ${[values('FN')[0], ...values('TEL'), ...values('EMAIL')].filter(Boolean).join(', ')}`;
}

const location: Render = (message) => {
  const { location: place } = message;
  if (!place) return lines('📍', message.body);
  return lines(
    `📍 ${[place.name, place.address].filter(Boolean).join(', ')}`.trim(),
    `https://maps.google.com/?q=${place.latitude},${place.longitude}`,
    place.url,
  );
};

const cards: Render = ({ vcards, body }) => (vcards?.length ? vcards.map(card).join('\n') : lines('👤', body));
const poll: Render = ({ poll, body }) => lines(`📊 ${poll?.name || body}`, ...(poll?.options ?? []).map((option) => `▫ ${option}`));

const kinds: Readonly<Record<string, Render>> = {
  chat: body,
  image: file,
  video: file,
  audio: file,
  ptt: file,
  document: file,
  sticker: file,
  location,
  vcard: cards,
  multi_vcard: cards,
  poll_creation: poll,
  scheduled_event_creation: titled('📅', 'appointment'),
  order: titled('🛒', 'order'),
  product: titled('🏷', 'product'),
  payment: titled('💰', 'payment'),
  groups_v4_invite: titled('👥', 'invite'),
  call_log: titled('📞', 'call'),
  vote: titled('🗳', 'vote'),
  revoked: (_message, words) => `[${words.revoked}]`,
  ciphertext: (_message, words) => `[${words.ciphertext}]`,
  list: body,
  list_response: body,
  buttons_response: body,
  template_button_reply: body,
  hsm: body,
  interactive: body,
  native_flow: body,
  oversized: body,
};

/** Kinds that are always more than their text. */
const neverEmpty = new Set(['chat', 'image', 'video', 'audio', 'ptt', 'document', 'sticker']);

export const isKnownType = (type: string): boolean => Object.hasOwn(kinds, type);

/** Kinds that this version does not know are named, with what text they have; the raw message is kept with the arrival. */
export function textOf(message: HeardMessage, language: Language): string {
  const words = labels[language];
  const render = isKnownType(message.type) ? kinds[message.type] : undefined;
  const text = render?.(message, words);
  if (text || (text !== undefined && neverEmpty.has(message.type))) return text;
  return lines(`[${words.unknown}: ${message.type}]`, message.body);
}
