/** Writing first: contact and chat are found or made before anything is sent, so that the answer's thread is known. */
import { ConnectorError, type FirstContact, type MessageTemplate, type PublicMessage, type Step, type TemplateUse } from '../../src/kit/index.ts';
import { prefixOf, refuseUnsendable, type Sender, sendAll } from './send.ts';
import type { UtalkSettings } from './settings.ts';
import { type ChannelRow, chatIdOf, threadOf } from './wire.ts';

export interface Started {
  readonly thread: string;
  readonly externalId: string;
}

type Parts = Pick<Sender, 'client' | 'context'>;

export const templatesOf = ({ templates }: Pick<UtalkSettings, 'templates'>): readonly MessageTemplate[] =>
  templates.map(({ id, name, language, body }) => ({ id, name, language, body, values: valuesIn(body) }));

const valuesIn = (body: string): number => Math.max(0, ...[...body.matchAll(/\{\{(\d+)\}\}/g)].map(([, number]) => Number(number)));

/** The messenger's own rule; the broker, which is a phone, takes free text at any time. */
export const demandsTemplate = (
  { channelType }: Pick<ChannelRow, 'channelType'>,
  { startNeedsTemplate }: Pick<UtalkSettings, 'startNeedsTemplate'>,
): boolean => (startNeedsTemplate === 'auto' ? /cloud|gupshup/i.test(channelType ?? '') : startNeedsTemplate === 'always');

/** The one channel that conversations start from. */
export function startChannel(rows: readonly ChannelRow[], { startChannelId, channelIds }: Pick<UtalkSettings, 'startChannelId' | 'channelIds'>): ChannelRow {
  const taken = rows.filter(({ id }) => (startChannelId === undefined ? !channelIds || channelIds.includes(id) : id === startChannelId));
  const withPhone = taken.filter(({ phoneNumber }) => phoneNumber !== undefined);
  const [only, ...others] = withPhone;
  if (only && others.length === 0) return only;
  const those = withPhone.map(({ id, name }) => `${id} ${name ?? ''}`.trim()).join(', ') || 'none';
  throw new ConnectorError('refused', `uTalk: conversations need one channel with a phone to start from; there are: ${those}. Set \`startChannelId\``, {
    field: 'startChannelId',
  });
}

/** Brazil's mobile numbers have had a ninth digit since 2016, and messengers know many of them without it. */
export function spellings(phone: string): readonly string[] {
  const mobile = /^\+55(\d{2})(9?)([6-9]\d{7})$/.exec(phone);
  if (!mobile) return [phone];
  const [, area, nine, rest] = mobile;
  return [phone, nine ? `+55${area}${rest}` : `+55${area}9${rest}`];
}

export async function start(parts: Parts, first: PublicMessage, to: FirstContact, step: Step): Promise<Started> {
  const { client, context } = parts;
  const { settings } = context;
  refuseUnsendable(first, settings);
  const channel = startChannel(await client.channels(), settings);
  const template = first.template && usable(first.template, settings);
  if (!template && demandsTemplate(channel, settings))
    throw new ConnectorError('refused', `uTalk: ${channel.name ?? channel.id} begins conversations with a template only`, { field: 'template' });

  // Both find before they make, so the same bytes may go again.
  const contact = await step('contact', {
    safeForMs: Number.POSITIVE_INFINITY,
    body: async () => ({ phone: await knownSpelling(parts, to.phone), name: to.name ?? null }),
    send: async ({ phone, name }) => ({ id: await client.contact(phone, name ?? undefined), phone }),
  });
  const { thread } = await step('chat', {
    safeForMs: Number.POSITIVE_INFINITY,
    body: () => ({ channel: channel.id, contact: contact.id }),
    send: async (body) => ({ thread: threadOf(await client.openChat(body.channel, body.contact)) }),
  });
  const sender: Sender = { client, context, step, chat: chatIdOf(thread), taken: new Set() };
  if (!template) return started(thread, await sendAll(sender, first, prefixOf(to.agent, settings)));
  const id = await sendTemplate(sender, template, { to: contact.phone, from: channel.phoneNumber ?? '', name: to.name ?? null });
  const files = await sendAll({ ...sender, taken: new Set([id]) }, { kind: 'public', text: '', files: first.files }, '');
  return started(thread, [id, ...files]);
}

function started(thread: string, [externalId = '']: readonly string[]): Started {
  return { thread, externalId };
}

function usable(use: TemplateUse, settings: UtalkSettings): TemplateUse {
  const template = templatesOf(settings).find(({ id }) => id === use.id);
  if (!template) throw new ConnectorError('refused', `uTalk: the template ${use.id} is not among \`templates\``, { field: 'template' });
  if (template.values !== use.values.length)
    throw new ConnectorError('refused', `uTalk: the template “${template.name}” takes ${template.values} values, not ${use.values.length}`, {
      field: 'template',
    });
  return use;
}

async function knownSpelling({ client }: Parts, phone: string): Promise<string> {
  for (const one of spellings(phone)) if (await client.contactByPhone(one)) return one;
  return phone;
}

/** uTalk does not say which words a template became, so an unclear one is given to a person. */
async function sendTemplate({ client, step }: Sender, use: TemplateUse, at: { to: string; from: string; name: string | null }): Promise<string> {
  const { id } = await step('template', {
    body: () => ({ ...at, template: use.id, values: [...use.values] }),
    send: async ({ to, from, template, values, name }) => ({ id: await client.postTemplate({ to, from, template, values, name: name ?? undefined }) }),
  });
  return id;
}
