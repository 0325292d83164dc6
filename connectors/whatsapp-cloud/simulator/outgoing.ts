/** `POST /{phone_number_id}/messages`: every documented type checked, the 24 hours, the limits, and the statuses that follow. "Messages API". */
import { Router } from 'express';
import { z } from 'zod';
import type { Hooks } from './hooks.ts';
import { Refusal, Unknown } from './refusal.ts';
import type { Customer, Message, State } from './state.ts';

const day = 24 * 3_600_000;
const reengage = 'Message failed to send because more than 24 hours have passed since the customer last replied to this number.';

const file = (more: z.ZodRawShape = {}) => z.strictObject({ id: z.string().optional(), link: z.url().optional(), ...more });
const caption = z.string().min(1).max(1024).optional();
const parameter = z.strictObject({ type: z.literal('text'), text: z.string().min(1), parameter_name: z.string().optional() });

/** The object that each type needs. */
const contents = {
  text: z.strictObject({ body: z.string().min(1).max(4096), preview_url: z.boolean().optional() }),
  image: file({ caption }),
  video: file({ caption }),
  audio: file({ voice: z.boolean().optional() }),
  document: file({ caption, filename: z.string().min(1).optional() }),
  sticker: file(),
  location: z.strictObject({ latitude: z.coerce.number(), longitude: z.coerce.number(), name: z.string().optional(), address: z.string().optional() }),
  contacts: z.array(z.looseObject({ name: z.looseObject({ formatted_name: z.string().min(1) }) })).min(1),
  reaction: z.strictObject({ message_id: z.string().min(1), emoji: z.string() }),
  interactive: z.looseObject({
    type: z.enum(['button', 'list', 'cta_url', 'flow', 'product', 'product_list', 'location_request_message']),
    body: z.looseObject({ text: z.string().min(1).max(4096) }).optional(),
    action: z.looseObject({}),
  }),
  template: z.strictObject({
    name: z.string().min(1),
    language: z.strictObject({ code: z.string().min(2), policy: z.literal('deterministic').optional() }),
    components: z.array(z.strictObject({ type: z.literal('body'), parameters: z.array(parameter) })).optional(),
  }),
} as const;
type Type = keyof typeof contents;

const frame = z.strictObject({
  messaging_product: z.literal('whatsapp'),
  recipient_type: z.literal('individual').optional(),
  to: z.string().min(1).optional(),
  recipient: z.string().min(1).optional(),
  type: z.enum(Object.keys(contents) as [Type, ...Type[]]).default('text'),
  context: z.strictObject({ message_id: z.string().min(1) }).optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
  ...Object.fromEntries(Object.keys(contents).map((type) => [type, z.unknown().optional()])),
});

const markRead = z.strictObject({
  messaging_product: z.literal('whatsapp'),
  status: z.literal('read'),
  message_id: z.string().min(1),
  typing_indicator: z.strictObject({ type: z.literal('text') }).optional(),
});

/** A field that the documents do not name may mean anything: 501. What they name and is wrong gets Meta's refusal. */
function check<T>(shape: z.ZodType<T>, value: unknown, at = ''): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.find(({ code }) => code === 'unrecognized_keys');
  if (unknown) throw new Unknown(`${at} ${unknown.message}: not among the documented fields`);
  const [issue] = parsed.error.issues;
  const path = [at, ...(issue?.path ?? [])].filter((part) => part !== '').join('.');
  const missing = issue?.message.includes('received undefined');
  throw missing
    ? new Refusal(400, 131008, 'Required parameter is missing', { details: `${path}: ${issue?.message}` })
    : new Refusal(400, 131009, 'Parameter value is not valid', { details: `${path}: ${issue?.message}` });
}

export function outgoing(state: State, hooks: Hooks): Router {
  const router = Router();
  router.post(`/${state.phoneNumberId}/messages`, (request, response) => {
    const body = parse(request.body as Buffer);
    if (typeof body === 'object' && body !== null && 'status' in body) {
      const { message_id } = check(markRead, body);
      const message = state.messages.find(({ id, from }) => id === message_id && from === 'customer');
      if (!message) throw new Refusal(400, 131009, 'Parameter value is not valid', { details: `message_id: there is no such message` });
      message.readByBusiness = true;
      return void response.json({ success: true });
    }
    const sent = take(state, body);
    follow(state, hooks, sent.message);
    const { input, message } = sent;
    const { waId, userId } = message.customer;
    response.json({
      messaging_product: 'whatsapp',
      contacts: [{ input, ...(waId !== undefined && { wa_id: waId }), ...(userId !== undefined && { user_id: userId }) }],
      messages: [{ id: message.id, ...(message.type === 'template' && { message_status: 'accepted' }) }],
    });
  });
  return router;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new Refusal(400, 100, 'Invalid parameter');
  }
}

function take(state: State, body: unknown): { input: string; message: Message } {
  const given = check(frame, body) as z.output<typeof frame> & { readonly [type: string]: unknown };
  const input = given.to ?? given.recipient;
  if (input === undefined) throw new Refusal(400, 131008, 'Required parameter is missing', { details: 'to or recipient' });
  const content = check(contents[given.type] as z.ZodType<Readonly<Record<string, unknown>>>, given[given.type], given.type);
  const shown = show(state, given.type, content);
  const customer = state.reached(given.to === undefined ? { recipient: given.recipient } : { to: given.to });
  pace(state, customer);
  if (given.type !== 'template' && shut(state, customer) && state.limits.windowShut === 'answer')
    throw new Refusal(400, 131047, 'Re-engagement message', { details: reengage });
  const message: Message = {
    id: state.newId('wamid.'),
    customer,
    from: 'business',
    type: given.type,
    ...shown,
    at: state.now(),
    callbackData: given.biz_opaque_callback_data,
    answers: given.context?.message_id,
    status: 'accepted',
    deleted: false,
    readByBusiness: false,
  };
  state.messages.push(message);
  return { input, message };
}

const shut = (state: State, { wroteAt }: Customer): boolean => wroteAt === undefined || state.now() - wroteAt > day;

/** Throughput of the number, and of the pair of business and customer. */
function pace(state: State, customer: Customer): void {
  const sent = state.messages.filter(({ from, type }) => from === 'business' && type !== 'echo');
  if (sent.filter(({ at }) => state.now() - at < 1000).length >= state.limits.perSecond)
    throw new Refusal(429, 130429, 'Rate limit hit', {
      details: 'Message failed to send because there were too many messages sent from this phone number in a short period of time.',
    });
  const last = sent.findLast((message) => message.customer === customer);
  if (state.limits.pairMs > 0 && last && state.now() - last.at < state.limits.pairMs)
    throw new Refusal(400, 131056, '(Business Account, Consumer Account) pair rate limit hit', {
      details: 'Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.',
    });
}

const mimes: Readonly<Record<string, RegExp>> = { image: /^image\/(jpeg|png)$/, video: /^video\//, audio: /^audio\//, sticker: /^image\/webp$/, document: /./ };

/** What the customer will see. */
function show(state: State, type: Type, content: Readonly<Record<string, unknown>>): { text: string; files: Message['files'] } {
  if (type === 'text') return { text: String(content.body), files: [] };
  if (type === 'template') return { text: fill(state, content as z.output<(typeof contents)['template']>), files: [] };
  if (!(type in mimes)) throw new Unknown(`messages of the type ${type} are checked, but not shown by this simulator`);
  if (content.link !== undefined) throw new Unknown('files by link are not fetched by this simulator');
  const media = state.media.get(String(content.id));
  if (!media || media.expiresAt <= state.now())
    throw new Refusal(400, 131009, 'Parameter value is not valid', { details: `${type}.id: there is no such media` });
  if (!mimes[type]?.test(media.mime)) throw new Refusal(400, 131053, 'Media upload error', { details: `${media.mime} is not supported as ${type}` });
  return {
    text: typeof content.caption === 'string' ? content.caption : '',
    files: [{ name: typeof content.filename === 'string' ? content.filename : media.name, bytes: media.bytes }],
  };
}

function fill(state: State, { name, language, components }: z.output<(typeof contents)['template']>): string {
  const template = state.templates.find((one) => one.name === name && one.language === language.code);
  if (!template)
    throw new Refusal(404, 132001, 'Template does not exist in the translation', { details: `template name (${name}) does not exist in ${language.code}` });
  if (template.status === 'PAUSED') throw new Refusal(400, 132015, 'Template is Paused');
  if (template.status !== 'APPROVED') throw new Refusal(404, 132001, 'Template does not exist in the translation', { details: `${name} is not approved` });
  const body = template.components.find(({ type }) => type === 'BODY')?.text ?? '';
  const names = [...new Set([...body.matchAll(/\{\{(\w+)\}\}/g)].map(([, one]) => one ?? ''))];
  const given = components?.[0]?.parameters ?? [];
  if (given.length !== names.length)
    throw new Refusal(400, 132000, 'Number of parameters does not match the expected number of params', {
      details: `body: number of localizable_params (${given.length}) does not match the expected number of params (${names.length})`,
    });
  if (given.some(({ text }) => /[\n\t]| {5}/.test(text)))
    throw new Refusal(400, 132018, 'There is a problem with the template parameters', {
      details: 'Param text cannot have new-line/tab characters or more than 4 consecutive spaces',
    });
  const named = template.parameter_format === 'NAMED';
  return names.reduce((text, one, index) => {
    const value = named ? given.find(({ parameter_name }) => parameter_name === one) : given[index];
    if (!value) throw new Refusal(400, 132000, 'Parameter name is missing or empty', { details: `body: ${one}` });
    return text.replaceAll(`{{${one}}}`, value.text);
  }, body);
}

/** Statuses in the order in which they happen; the customer's own (read) come when they read. */
function follow(state: State, hooks: Hooks, message: Message): void {
  const { waId } = message.customer;
  if (waId !== undefined && state.unreachable.has(waId)) fail(state, hooks, message, 131026, 'Message undeliverable', 'Message Undeliverable.');
  else if (message.type !== 'template' && shut(state, message.customer)) fail(state, hooks, message, 131047, 'Re-engagement message', reengage);
  else for (const status of ['sent', 'delivered'] as const) tellStatus(state, hooks, message, status);
}

function fail(state: State, hooks: Hooks, message: Message, code: number, title: string, details: string): void {
  const href = 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/';
  tellStatus(state, hooks, message, 'failed', { errors: [{ code, title, message: title, error_data: { details }, href }] });
}

export function tellStatus(state: State, hooks: Hooks, message: Message, status: Message['status'], more: object = {}): void {
  message.status = status;
  const { waId, userId, parentUserId } = message.customer;
  const one = {
    id: message.id,
    status,
    timestamp: String(Math.floor(state.now() / 1000)),
    ...(waId !== undefined && { recipient_id: waId }),
    ...(userId !== undefined && { recipient_user_id: userId }),
    ...(parentUserId !== undefined && { recipient_parent_user_id: parentUserId }),
    ...(message.callbackData !== undefined && { biz_opaque_callback_data: message.callbackData }),
    ...(status !== 'failed' && { pricing: { billable: false, pricing_model: 'PMP', type: 'free_customer_service', category: 'service' } }),
    ...more,
  };
  hooks.tell('messages', { statuses: [one] });
}
