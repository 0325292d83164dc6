/** From what the child heard to events. Pure. */
import { z } from 'zod';
import { type Identity, type InboundEvent, type Json, type MediaRef, type MessageEvent, type Party, UnknownPayload } from '../../src/kit/index.ts';
import { type Heard, type HeardMessage, heard } from './heard.ts';
import type { WhatsAppWebSettings } from './settings.ts';
import { textOf } from './words.ts';

/** The same person writes to two numbers of ours in two threads. */
export const threadOf = (account: string, chat: string): string => `${account}/${chat}`;

export function placeOf(thread: string): { account: string; chat: string } | undefined {
  const [account, chat, ...more] = thread.split('/');
  return account && chat && more.length === 0 ? { account, chat } : undefined;
}

export function normalize(payload: Json, settings: Pick<WhatsAppWebSettings, 'idleHours' | 'language'>): readonly InboundEvent[] {
  const parsed = heard.safeParse(payload);
  if (!parsed.success) throw new UnknownPayload(z.prettifyError(parsed.error));
  const event = parsed.data;
  if (event.kind === 'unreadable') throw new UnknownPayload(`${event.event}: ${event.reason}`);
  const base = { thread: threadOf(event.account, event.chat), at: event.at };
  switch (event.kind) {
    case 'message':
      return [messageEvent(event, base, settings)];
    case 'edit':
      return [{ type: 'edited', ...base, id: event.id, text: event.text }];
    case 'revoke':
      return [{ type: 'deleted', ...base, id: event.id }];
    case 'reaction':
      return [{ type: 'reaction', ...base, id: event.id, from: party(event), emoji: event.emoji }];
    case 'ack':
      return receipt(event, base);
    case 'renamed':
      return [{ type: 'identityChanged', ...base, was: account(event.account, event.chat), now: account(event.account, event.now) }];
  }
}

const account = (scope: string, value: string): Identity => ({ kind: 'account', value, scope, verified: true });

/** Ids and numbers come from WhatsApp itself. What leaves our own number was written by one of us. */
const party = ({ account: own, from, fromMe }: Extract<Heard, { kind: 'message' | 'reaction' }>): Party => ({
  role: fromMe ? 'agent' : 'contact',
  id: from.id,
  ...(from.name && { name: from.name }),
  identities: [account(own, from.id), ...(from.phone ? [{ kind: 'phone', value: from.phone, verified: true } as const] : [])],
});

function messageEvent(event: HeardMessage, base: { thread: string; at: number }, settings: Pick<WhatsAppWebSettings, 'idleHours' | 'language'>): MessageEvent {
  const { quoted } = event;
  return {
    type: 'message',
    ...base,
    id: event.id,
    from: party(event),
    kind: 'public',
    text: textOf(event, settings.language).replaceAll('\0', ''),
    ...(quoted?.body && { quoted: quoted.body.replaceAll('\0', '') }),
    media: event.media ? [mediaOf(event, event.media)] : [],
    ...(quoted?.id && { follows: [quoted.id] }),
    idleMs: Math.round(settings.idleHours * 3_600_000),
  };
}

const extensions: Readonly<Record<string, string>> = { jpeg: 'jpg', quicktime: 'mov', plain: 'txt', mpeg: 'mp3', 'svg+xml': 'svg', 'x-matroska': 'mkv' };

/** Only documents have names; the others are called by their kind. */
function mediaOf(event: HeardMessage, media: NonNullable<HeardMessage['media']>): MediaRef {
  const mime = media.mime?.split(';')[0]?.trim();
  const kind = mime?.split('/')[1];
  const invented = `${event.type === 'ptt' ? 'audio' : event.type}${kind ? `.${extensions[kind] ?? kind}` : ''}`;
  return {
    id: 'file',
    name: media.name ?? invented,
    ...(mime && { mime }),
    ...(media.size !== undefined && { size: media.size }),
    ...(media.seconds !== undefined && { seconds: media.seconds }),
    ref: { message: event.id },
  };
}

/** 2 reached the device, 3 was read, 4 played; -1 failed. 0 and 1 say nothing about the customer. */
function receipt({ id, ack }: Extract<Heard, { kind: 'ack' }>, base: { thread: string; at: number }): readonly InboundEvent[] {
  if (ack === 0 || ack === 1) return [];
  return [{ type: 'receipt', ...base, id, state: ack < 0 ? 'failed' : ack === 2 ? 'delivered' : 'read' }];
}
