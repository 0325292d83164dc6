/** From Meta's webhooks to events. Pure: what had to be looked up was added by `unpack`. */
import type { Identity, InboundEvent, Json, MessageEvent, Party, ReceiptEvent } from '../../src/kit/index.ts';
import { UnknownPayload } from '../../src/kit/index.ts';
import { cardsOf, contentsOf } from './contents.ts';
import { firstKey, type Ids } from './ids.ts';
import { type Item, itemsOf, problemText, read } from './items.ts';
import { claimedPhone, phoneIdentities } from './phones.ts';
import { readMark } from './proofs.ts';
import { scopeOf, type WhatsappSettings } from './settings.ts';
import { split } from './split.ts';
import { threadOf } from './threads.ts';
import type { Facts, Unpacked } from './unpack.ts';
import * as wire from './wire.ts';
import { say } from './words.ts';

const isUnpacked = (payload: Json): payload is Unpacked =>
  typeof payload === 'object' && payload !== null && 'parts' in payload && Array.isArray(payload.parts);

export function normalize(payload: Json, settings: WhatsappSettings): readonly InboundEvent[] {
  const parts = isUnpacked(payload) ? payload.parts : split(payload).map((webhook) => ({ webhook, facts: [] }));
  return parts.flatMap(({ webhook, facts }) => itemsOf(webhook, settings).flatMap((item, index) => eventsOf(item, facts[index] ?? undefined, settings)));
}

function eventsOf(item: Item, facts: Facts | undefined, settings: WhatsappSettings): readonly InboundEvent[] {
  if (item.is === 'nothing') return [];
  const thread = threadOf(settings, facts?.key ?? firstKey(item.ids));
  switch (item.is) {
    case 'change':
      return changes(item, thread, scopeOf(settings));
    case 'status':
      return receipt(item.status, facts, thread);
    case 'message':
      return messageEvents(item, facts, { thread, from: customer(item, facts, settings), settings });
    case 'echo':
      return messageEvents(item, facts, { thread, from: phoneApp(settings), settings });
  }
}

const accounts = ({ accounts }: Ids, scope: string): readonly Identity[] => accounts.map((value) => ({ kind: 'account', value, scope, verified: true }));

/** Meta vouches for user ids and numbers; a number that was sent as a contact card on our request is the customer's word. */
function customer({ ids, contact, message }: Extract<Item, { is: 'message' }>, facts: Facts | undefined, settings: WhatsappSettings): Party {
  const name = contact?.profile?.name?.trim() || contact?.profile?.username?.trim();
  return {
    role: 'contact',
    id: facts?.key ?? firstKey(ids),
    ...(name && { name }),
    identities: [...accounts(ids, scopeOf(settings)), ...phoneIdentities(ids.phone), ...toldPhones(message)],
  };
}

function toldPhones(message: wire.Message): readonly Identity[] {
  if (message.type !== 'contacts') return [];
  const asked = cardsOf(message).filter(({ origin }) => origin === 'contact_request' || message.origin === 'contact_request');
  return asked.flatMap(({ phones }) => claimedPhone(phones[0]?.phone));
}

/** WhatsApp does not tell which of our people held the phone. */
const phoneApp = ({ phoneNumberId }: WhatsappSettings): Party => ({ role: 'agent', id: phoneNumberId, identities: [] });

interface Frame {
  readonly thread: string;
  readonly from: Party;
  readonly settings: WhatsappSettings;
}

function messageEvents({ message }: { readonly message: wire.Message }, facts: Facts | undefined, frame: Frame): readonly InboundEvent[] {
  const base = { thread: frame.thread, at: message.timestamp * 1000 };
  switch (message.type) {
    case 'reaction': {
      const { message_id, emoji } = read(wire.reaction, message.reaction, 'the reaction');
      return [{ type: 'reaction', ...base, id: facts?.about ?? message_id, from: frame.from, emoji: emoji || null }];
    }
    case 'edit': {
      const { original_message_id, message: now } = read(wire.edit, message.edit, 'the edit');
      return [{ type: 'edited', ...base, id: facts?.about ?? original_message_id, text: editedText(message, now, frame.settings) }];
    }
    case 'revoke':
      return [{ type: 'deleted', ...base, id: facts?.about ?? read(wire.revoke, message.revoke, 'the revoke').original_message_id }];
    // Somebody opened the chat and wrote nothing yet.
    case 'request_welcome':
      return [];
    default:
      return [messageEvent(message, facts, frame)];
  }
}

/** Only words and captions can be edited. */
function editedText(message: wire.Message, now: { readonly type?: string | undefined }, { language }: WhatsappSettings): string {
  const { type } = now;
  if (type === undefined) throw new UnknownPayload('an edit does not say what kind of message it is of');
  return contentsOf({ ...now, type, id: message.id, timestamp: message.timestamp }, language).text;
}

function messageEvent(message: wire.Message, facts: Facts | undefined, { thread, from, settings }: Frame): MessageEvent {
  const { text, media } = contentsOf(message, settings.language);
  const answers = message.context?.id;
  const about = quoted(message, facts, settings);
  const enrich = settings.markRead === 'on-arrival' && from.role === 'contact' ? { markRead: message.id } : undefined;
  return {
    type: 'message',
    thread,
    at: message.timestamp * 1000,
    // What cannot be shown now may come whole under the same id, and must not be taken for a repeat then.
    id: message.type === 'unsupported' ? `${message.id}#unsupported` : message.id,
    from,
    kind: 'public',
    text,
    ...(about !== '' && { quoted: about }),
    media,
    ...(answers !== undefined && { follows: [facts?.about ?? answers] }),
    ...(enrich && { enrich }),
    idleMs: Math.round(settings.idleHours * 3_600_000),
  };
}

/** What the message is about, besides its own words: the message that it answers, the product, or the advertisement that led here. */
function quoted({ context, referral }: wire.Message, facts: Facts | undefined, { language }: WhatsappSettings): string {
  const product = context?.referred_product?.product_retailer_id;
  const led = referral && [referral.headline, referral.body, referral.source_url].filter(Boolean).join('\n');
  return [
    context?.forwarded || context?.frequently_forwarded ? say('forwarded', language) : '',
    facts?.quoted ?? '',
    product === undefined ? '' : say('product', language, product),
    led ? say('advertisement', language, led) : '',
  ]
    .filter(Boolean)
    .join('\n');
}

const states: Readonly<Record<string, ReceiptEvent['state'] | null>> = { sent: null, delivered: 'delivered', read: 'read', played: 'read', failed: 'failed' };

/** Of a message in several pieces the last one says that it was delivered, and any that it failed. */
function receipt(status: wire.Status, facts: Facts | undefined, thread: string): readonly InboundEvent[] {
  const state = states[status.status];
  if (state === undefined) throw new UnknownPayload(`the status "${status.status.slice(0, 60)}" is not known`);
  const ours = readMark(status.biz_opaque_callback_data);
  if (state === null || (ours?.last === false && state !== 'failed')) return [];
  const reason = state === 'failed' ? (status.errors ?? []).map(problemText).join('; ') : '';
  return [
    {
      type: 'receipt',
      thread,
      at: status.timestamp * 1000,
      id: facts?.about ?? status.id,
      state,
      ...(reason !== '' && { reason }),
    },
  ];
}

/** Each kind of id by itself; across kinds only where Meta tells no two of one kind. */
function changes({ ids, now, at }: Extract<Item, { is: 'change' }>, thread: string, scope: string): readonly InboundEvent[] {
  const account = (value: string): Identity => ({ kind: 'account', value, scope, verified: true });
  const was = [...ids.accounts.slice(-1).map(account), ...phoneIdentities(ids.phone).slice(0, 1)];
  const is = [...now.accounts.slice(-1).map(account), ...phoneIdentities(now.phone).slice(0, 1)];
  const pairs = is.flatMap((next) => was.filter(({ kind }) => kind === next.kind).map((former) => [former, next] as const));
  const [former, next] = [was[0], is[0]];
  const told = pairs.length > 0 || !former || !next ? pairs : [[former, next] as const];
  return told.filter(([from, to]) => from.value !== to.value).map(([from, to]) => ({ type: 'identityChanged', thread, at, was: from, now: to }));
}
