/** From posted JSON to events. Pure. */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import { type Identity, type InboundEvent, type Json, type MediaRef, type Party, UnknownPayload } from '../../src/kit/index.ts';
import { type Payload, payload, type Sender, type SentFile } from './payload.ts';
import type { WebhookSettings } from './settings.ts';

export interface Reading {
  /** Name of the channel: account ids are unique within it. */
  readonly channel: string;
  readonly settings: Pick<WebhookSettings, 'identitiesVerified' | 'defaultCountry'>;
}

/** `{ events: [...] }` is taken apart, so that a bad event is quarantined alone. */
export function split(body: Json): readonly Json[] {
  if (typeof body !== 'object' || body === null || !('events' in body)) return [body];
  return Array.isArray(body.events) ? body.events : [body];
}

export const normalize = (body: Json, reading: Reading): readonly InboundEvent[] => split(body).map((one) => toEvent(one, reading));

function toEvent(body: Json, reading: Reading): InboundEvent {
  const parsed = payload.safeParse(body);
  if (!parsed.success) throw new UnknownPayload(z.prettifyError(parsed.error));
  const event = parsed.data;
  const base = { thread: event.conversation, at: event.at };
  switch (event.type) {
    case 'message':
      return messageEvent(event, reading);
    case 'edited':
      return { type: 'edited', ...base, id: event.id, text: event.text };
    case 'deleted':
      return { type: 'deleted', ...base, id: event.id };
    case 'ended':
      return { type: 'ended', ...base, ...(event.by && { by: toParty(event.by, reading) }) };
  }
}

const messageEvent = (event: Payload & { type: 'message' }, reading: Reading): InboundEvent => ({
  type: 'message',
  thread: event.conversation,
  at: event.at,
  id: event.id,
  from: toParty(event.from, reading),
  kind: event.kind,
  text: event.text,
  ...(event.html !== undefined && { html: event.html }),
  ...(event.subject !== undefined && { subject: event.subject }),
  media: event.files.map(toMedia),
});

function toParty(sender: Sender, reading: Reading): Party {
  return {
    role: sender.role,
    id: sender.id,
    ...(sender.name && { name: sender.name }),
    identities: identitiesOf(sender, reading),
    ...(sender.company && { company: sender.company }),
  };
}

/** The signature vouches for the program's own ids; addresses and numbers were typed by somebody, unless ops say that the program checks them. */
function identitiesOf(sender: Sender, { channel, settings }: Reading): readonly Identity[] {
  const verified = settings.identitiesVerified;
  const email = sender.email?.trim().toLowerCase();
  const phone = sender.phone ? parsePhoneNumberFromString(sender.phone, settings.defaultCountry) : undefined;
  return [
    { kind: 'account', value: sender.id, scope: channel, verified: true },
    // One that cannot be an address or a number identifies nobody, and is no reason to hold back the words; the raw payload keeps it.
    ...(email && /^[^\s@]+@[^\s@]+$/.test(email) ? [{ kind: 'email', value: email, verified } as const] : []),
    ...(phone?.isPossible() ? [{ kind: 'phone', value: phone.number, verified } as const] : []),
  ];
}

const toMedia = (file: SentFile): MediaRef => ({
  id: file.id,
  name: file.name,
  ...(file.mime && { mime: file.mime }),
  ...(file.size !== undefined && { size: file.size }),
  ref: file.url === undefined ? { data: file.data } : { url: file.url },
});
