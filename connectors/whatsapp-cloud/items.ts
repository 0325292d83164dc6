/** Reads one part of a webhook: what happened, on which number, and who the customer in it is. Pure. */
import { z } from 'zod';
import { type Json, UnknownPayload } from '../../src/kit/index.ts';
import { type Ids, idsFrom, nobody } from './ids.ts';
import type { WhatsappSettings } from './settings.ts';
import * as wire from './wire.ts';

export type Item =
  | { readonly is: 'message'; readonly message: wire.Message; readonly contact: wire.Contact | undefined; readonly ids: Ids }
  | { readonly is: 'echo'; readonly message: wire.Message; readonly contact: wire.Contact | undefined; readonly ids: Ids }
  | { readonly is: 'status'; readonly status: wire.Status; readonly ids: Ids }
  /** A customer's ids changed; `ids` are the former ones. */
  | { readonly is: 'change'; readonly ids: Ids; readonly now: Ids; readonly at: number }
  /** Why it means nothing to us. */
  | { readonly is: 'nothing'; readonly why: string };

export function read<T>(shape: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new UnknownPayload(`${what}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function named(ids: Ids, what: string): Ids {
  if (nobody(ids)) throw new UnknownPayload(`${what} names no customer: neither a number nor a user id`);
  return ids;
}

/** Fields of an app's webhooks that tell about the account and its templates, or repeat what was said before Deskbridge was connected. */
const aboutTheAccount = new Map([
  ['history', 'chats from before the number was connected: importing them would open half a year of conversations that nobody waits in'],
  ['smb_app_state_sync', "the phone's address book: names come with the messages"],
  ...[
    'account_alerts',
    'account_review_update',
    'account_settings_update',
    'account_update',
    'business_capability_update',
    'business_status_update',
    'message_template_components_update',
    'message_template_quality_update',
    'message_template_status_update',
    'payment_configuration_update',
    'phone_number_name_update',
    'phone_number_quality_update',
    'security',
    'template_category_update',
  ].map((field) => [field, 'about the account, not about a customer'] as const),
]);

/** Every item of a webhook of Meta's. Throws UnknownPayload with the place and the reason. */
export function itemsOf(body: Json, settings: Pick<WhatsappSettings, 'phoneNumberId' | 'otherNumbers'>): readonly Item[] {
  const { entry } = read(wire.webhook, body, 'the webhook');
  return entry.flatMap(({ changes }) => changes.flatMap((one) => changeItems(one, settings)));
}

function changeItems(body: unknown, settings: Pick<WhatsappSettings, 'phoneNumberId' | 'otherNumbers'>): readonly Item[] {
  const { field, value } = read(wire.change, body, 'a change');
  const why = aboutTheAccount.get(field);
  if (why !== undefined) return [{ is: 'nothing', why }];
  if (!['messages', 'smb_message_echoes', 'user_id_update'].includes(field)) throw new UnknownPayload(`the field "${field}" is not known`);
  const { metadata } = value;
  if (metadata === undefined && field !== 'user_id_update') throw new UnknownPayload('the change has no metadata, so it is not known for which number it is');
  if (metadata !== undefined && metadata.phone_number_id !== settings.phoneNumberId) {
    if (settings.otherNumbers === 'ignore') return [{ is: 'nothing', why: 'for another number' }];
    throw new UnknownPayload(
      `this is for the number ${metadata.phone_number_id} (${metadata.display_phone_number ?? 'unknown'}), but this channel has ${settings.phoneNumberId}: ` +
        'give that number a channel and an alternate callback of its own, or set `otherNumbers: ignore`',
    );
  }
  const items = valueItems(value);
  if (items.length === 0) throw new UnknownPayload(`a change of "${field}" holds neither messages nor statuses`);
  return items;
}

function valueItems(value: z.output<typeof wire.change>['value']): readonly Item[] {
  const contacts = (value.contacts ?? []).map((one) => read(wire.contact, one, 'a contact'));
  if (value.errors?.length) throw new UnknownPayload(`WhatsApp reports a problem of the account or the app: ${value.errors.map(problemText).join('; ')}`);
  return [
    ...(value.messages ?? []).map((one) => messageItem(read(wire.message, one, 'a message'), contacts)),
    ...(value.message_echoes ?? []).map((one) => echoItem(read(wire.message, one, 'an echo'), contacts)),
    ...(value.statuses ?? []).map((one) => statusItem(read(wire.status, one, 'a status'))),
    ...(value.user_id_update ?? []).map((one) => updateItem(read(wire.idUpdate, one, 'an update of a user id'))),
  ];
}

export const problemText = ({ code, title, message, error_data }: z.output<typeof wire.problem>): string =>
  [code === undefined ? '' : `(${code})`, title ?? message ?? '', error_data?.details && error_data.details !== title ? `– ${error_data.details}` : '']
    .filter(Boolean)
    .join(' ');

/** The contact that a message is about; with one alone there is no choice. */
const contactOf = (contacts: readonly wire.Contact[], phone: string | undefined, user: string | undefined): wire.Contact | undefined =>
  contacts.find(({ user_id, wa_id }) => (user !== undefined && user_id === user) || (phone !== undefined && wa_id === phone)) ??
  (contacts.length === 1 ? contacts[0] : undefined);

function messageItem(message: wire.Message, contacts: readonly wire.Contact[]): Item {
  if (message.group_id !== undefined) throw new UnknownPayload('the message is of a group, which this channel does not take part in');
  if (message.type === 'system') return systemItem(message);
  const contact = contactOf(contacts, message.from, message.from_user_id);
  const ids = idsFrom([message.from, contact?.wa_id], [message.from_parent_user_id ?? contact?.parent_user_id, message.from_user_id ?? contact?.user_id]);
  return { is: 'message', message, contact, ids: named(ids, 'a message') };
}

/** What somebody of ours wrote in the phone's app or a linked device. */
function echoItem(message: wire.Message, contacts: readonly wire.Contact[]): Item {
  if (message.group_id !== undefined) throw new UnknownPayload('the message is of a group, which this channel does not take part in');
  const contact = contactOf(contacts, message.to, message.to_user_id);
  const ids = idsFrom([message.to, contact?.wa_id], [message.to_parent_user_id ?? contact?.parent_user_id, message.to_user_id ?? contact?.user_id]);
  return { is: 'echo', message, contact, ids: named(ids, 'an echo') };
}

function statusItem(status: wire.Status): Item {
  if (status.recipient_type === 'group') return { is: 'nothing', why: 'of a group' };
  return { is: 'status', status, ids: named(idsFrom([status.recipient_id], [status.recipient_parent_user_id, status.recipient_user_id]), 'a status') };
}

function updateItem({ wa_id, user_id, parent_user_id, timestamp }: wire.IdUpdate): Item {
  const before = idsFrom([], [parent_user_id?.previous, user_id?.previous]);
  if (nobody(before)) throw new UnknownPayload('an update of a user id does not say which id it was');
  return { is: 'change', ids: before, now: idsFrom([wa_id], [parent_user_id?.current, user_id?.current]), at: timestamp * 1000 };
}

/** "User Sheena Nelson changed from US.101 to US.134": where Meta names the former id in the sentence alone. */
const sentence = /\bfrom ([A-Za-z]{2}\.[\w.]+) to ([A-Za-z]{2}\.[\w.]+)/;

function systemItem(message: wire.Message): Item {
  const system = read(wire.system, message.system, 'a system message');
  if (system.type === 'customer_identity_changed') return { is: 'nothing', why: 'only the keys of the encryption changed' };
  const at = message.timestamp * 1000;
  const account =
    system.previous_user_id ?? sentence.exec(system.body ?? '')?.[1] ?? (message.from_user_id === system.user_id ? undefined : message.from_user_id);
  const phone = system.wa_id ?? system.new_wa_id;
  const now = idsFrom([phone], [system.parent_user_id, system.user_id]);
  if (['customer_changed_number', 'user_changed_number', 'user_changed_user_id'].includes(system.type)) {
    const before = idsFrom([message.from === phone ? undefined : message.from], [system.previous_parent_user_id, account]);
    if (nobody(before) || nobody(now)) throw new UnknownPayload('a customer has another number or id, but not both the former and the new one are told');
    return { is: 'change', ids: before, now, at };
  }
  throw new UnknownPayload(`the system message "${system.type}" is not known`);
}
