/** What a message says: its words and its files, for every type of "messages webhook reference". Pure. */
import { type MediaRef, UnknownPayload } from '../../src/kit/index.ts';
import { problemText, read } from './items.ts';
import type { WhatsappSettings } from './settings.ts';
import * as wire from './wire.ts';
import { say } from './words.ts';

export interface Contents {
  readonly text: string;
  readonly media: readonly MediaRef[];
}

type Language = WhatsappSettings['language'];

const lines = (...all: readonly (string | undefined)[]): string => all.filter(Boolean).join('\n');
const words = (text: string): Contents => ({ text, media: [] });

const endings: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'video/mp4': 'mp4',
  'video/3gpp': '3gp',
  'audio/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/aac': 'aac',
  'audio/amr': 'amr',
  'application/pdf': 'pdf',
};

const bareMime = (mime: string | undefined): string | undefined => mime?.split(';')[0]?.trim().toLowerCase();

function file(message: wire.Message): Contents {
  const { id, mime_type, sha256, caption, filename, voice, url } = read(wire.media, message[message.type], `the ${message.type}`);
  const mime = bareMime(mime_type);
  const ending = endings[mime ?? ''];
  const name = filename?.trim() || `${voice === true ? 'voice' : message.type}-${message.timestamp}${ending === undefined ? '' : `.${ending}`}`;
  const ref = { id, ...(sha256 !== undefined && { sha256 }), ...(url !== undefined && { url }) };
  return { text: caption ?? '', media: [{ id, name, ...(mime !== undefined && { mime }), ref }] };
}

function place(message: wire.Message): Contents {
  const { latitude, longitude, name, address, url } = read(wire.location, message.location, 'the location');
  return words(
    lines(`📍 ${name ?? address ?? ''}`.trim(), name === undefined ? undefined : address, url, `https://maps.google.com/?q=${latitude},${longitude}`),
  );
}

export const cardsOf = (message: wire.Message) => read(wire.card.array(), message.contacts, 'the contacts');

const card = ({ name, org, phones, emails, urls, addresses }: ReturnType<typeof cardsOf>[number]): string =>
  lines(
    `👤 ${name?.formatted_name ?? name?.first_name ?? ''}`.trim(),
    [org?.company, org?.department, org?.title].filter(Boolean).join(', '),
    ...phones.map(({ phone, wa_id, type }) => [phone ?? (wa_id && `+${wa_id}`), type && `(${type})`].filter(Boolean).join(' ')),
    ...emails.map(({ email }) => email),
    ...urls.map(({ url }) => url),
    ...addresses.map(({ street, city, state, zip, country }) => [street, city, state, zip, country].filter(Boolean).join(', ')),
  );

function choice(message: wire.Message, language: Language): Contents {
  const chosen = read(wire.interactive, message.interactive, 'the interactive reply');
  switch (chosen.type) {
    case 'button_reply':
      return words(chosen.button_reply.title);
    case 'list_reply':
      return words(lines(chosen.list_reply.title, chosen.list_reply.description));
    case 'nfm_reply':
      return words(
        lines(chosen.nfm_reply.name === 'flow' ? undefined : chosen.nfm_reply.name, chosen.nfm_reply.body, formText(chosen.nfm_reply.response_json)),
      );
    case 'call_permission_reply':
      return words(say('calls', language, chosen.call_permission_reply.response ?? '?'));
  }
}

/** The answers of a form, a line each; the token that ties it to its flow says nothing. */
function formText(json: string | undefined): string | undefined {
  if (json === undefined) return undefined;
  try {
    const answers = JSON.parse(json) as unknown;
    if (typeof answers !== 'object' || answers === null) return json;
    const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
    return lines(...Object.entries(answers).flatMap(([name, value]) => (name === 'flow_token' ? [] : [`${name}: ${shown(value)}`])));
  } catch {
    return json;
  }
}

function order(message: wire.Message): Contents {
  const { text, product_items } = read(wire.order, message.order, 'the order');
  const items = product_items.map(({ quantity, product_retailer_id, item_price, currency }) =>
    [`- ${quantity ?? 1} × ${product_retailer_id ?? '?'}`, item_price === undefined ? undefined : `${item_price} ${currency ?? ''}`.trim()]
      .filter(Boolean)
      .join(', '),
  );
  return words(lines(`🛒 ${text ?? ''}`.trim(), ...items));
}

/** "Unsupported messages webhook reference": the type is told since 2025, the reason always. */
function unsupported(message: wire.Message, language: Language): Contents {
  const object = message.unsupported as { type?: unknown } | undefined;
  const kind = typeof object?.type === 'string' ? object.type.replaceAll('\0', '') : undefined;
  const reasons = (message.errors ?? []).map(problemText);
  return words(say('unsupported', language, [kind, ...reasons].filter(Boolean).join(', ').replace(/\.$/, '') || '?'));
}

/** Throws UnknownPayload at a type that is not known: the message is kept and can be read after an upgrade. */
export function contentsOf(message: wire.Message, language: Language): Contents {
  switch (message.type) {
    case 'text':
      return words(read(wire.text, message.text, 'the text').body);
    case 'image':
    case 'video':
    case 'document':
    case 'audio':
    case 'sticker':
      return file(message);
    case 'location':
      return place(message);
    case 'contacts':
      return words(cardsOf(message).map(card).join('\n\n'));
    case 'interactive':
      return choice(message, language);
    case 'button':
      return words(read(wire.button, message.button, 'the button').text);
    case 'order':
      return order(message);
    case 'unsupported':
      return unsupported(message, language);
    default:
      throw new UnknownPayload(`messages of the type "${message.type.slice(0, 60)}" are not known`);
  }
}
