/** The one file that talks to uTalk: transport, pacing, errors, and the calls that write. uTalk API v1. */
import type { Readable } from 'node:stream';
import { isAxiosError } from 'axios';
import type { z } from 'zod';
import { ConnectorError, type Context, connectorError, type InternalText, type Json, toText } from '../../src/kit/index.ts';
import { createPace } from './pace.ts';
import type { UtalkSettings } from './settings.ts';
import * as wire from './wire.ts';

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Words for the customer, or for the team; which of the two is decided by the type, down to the call. */
export type Words = { readonly kind: 'public'; readonly text: string } | InternalText;

export interface Posted {
  readonly chat: string;
  readonly words: Words;
  readonly prefix?: string;
  /** `data:` address of a file. */
  readonly file?: string;
}

export interface Client {
  /** The organization's id: as set, or the only one that the token belongs to. */
  organization(): Promise<string>;
  me(): Promise<z.output<typeof wire.me>>;
  channels(): Promise<readonly wire.ChannelRow[]>;
  chat(id: string): Promise<wire.Chat>;
  /** One page of the chats in a state, newest first. */
  chats(state: 'Open' | 'Closed', skip: number, take: number): Promise<readonly wire.Chat[]>;
  /** The messages of a chat after a time, oldest first, at most `take`. */
  after(chat: string, since: number, take: number): Promise<readonly wire.Message[]>;
  message(id: string): Promise<wire.Message>;
  contactByPhone(phone: string): Promise<z.output<typeof wire.contact> | undefined>;
  /** Finds or makes. */
  contact(phone: string, name: string | undefined): Promise<string>;
  /** Finds or makes the contact's chat on a channel. */
  openChat(channel: string, contact: string): Promise<wire.Chat>;
  /** Resolves with the vendor's id of the message. */
  post(message: Posted): Promise<string>;
  postTemplate(first: { to: string; from: string; template: string; values: readonly string[]; name: string | undefined }): Promise<string>;
  close(chat: string): Promise<void>;
  /** Networks that webhooks come from. */
  ranges(): Promise<unknown>;
  /** A file at the media host, without credentials. */
  file(url: string): Promise<Readable>;
}

interface Call<T> {
  readonly method: 'get' | 'post' | 'put';
  readonly path: string;
  /** Path without ids: calls are counted by it. */
  readonly route: string;
  readonly query?: Query;
  readonly body?: Json;
  readonly shape: z.ZodType<T>;
}

/** Error bodies are not documented: whichever of the usual members holds words is shown. */
function explain(status: number, body: unknown): { message?: string; retry?: { afterMs: number } } {
  const said = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const message = [said.message, said.error, said.detail, said.title].find((one): one is string => typeof one === 'string' && one !== '');
  return { ...(message ? { message: message.slice(0, 300) } : {}), ...(status === 429 ? { retry: { afterMs: 5000 } } : {}) };
}

export function createClient(context: Context<UtalkSettings>): Client {
  const { http, settings, now } = context;
  const pace = createPace({ now, calls: settings.callsPerRoute });
  const headers = { Accept: 'application/json', Authorization: `Bearer ${settings.token.reveal()}` };
  let known = settings.organizationId;

  async function call<T>({ method, path, route, query = {}, body, shape }: Call<T>): Promise<T> {
    await pace(`${method} ${route}`);
    let data: unknown;
    try {
      ({ data } = await http.request<unknown>({
        method,
        url: `${settings.address}${path}`,
        headers,
        params: query,
        ...(body === undefined ? {} : { data: body }),
      }));
    } catch (error) {
      throw connectorError(error, 'uTalk', now(), explain);
    }
    const parsed = shape.safeParse(wire.camelized(data));
    if (parsed.success) return parsed.data;
    throw new ConnectorError('not-understood', `uTalk: ${method.toUpperCase()} ${route} was answered in an unknown shape; check \`address\``, {
      effect: method === 'get' ? 'none' : 'unclear',
    });
  }

  const me = (): Promise<z.output<typeof wire.me>> => call({ method: 'get', path: '/members/me/', route: '/members/me/', shape: wire.me });

  async function organization(): Promise<string> {
    if (known !== undefined) return known;
    const { organizations } = await me();
    const [only, ...others] = organizations;
    if (!only || others.length > 0)
      throw new ConnectorError(
        'refused',
        `uTalk: the token belongs to ${organizations.length} organizations (${organizations.map(({ id, name }) => `${id} ${name ?? ''}`.trim()).join(', ')}); set \`organizationId\``,
        {
          field: 'organizationId',
        },
      );
    known = only.id;
    return known;
  }

  const get = async <T>(route: string, shape: z.ZodType<T>, query: Query = {}, path = route): Promise<T> =>
    call({ method: 'get', path, route, shape, query: { organizationId: await organization(), ...query } });
  const post = async <T>(route: string, shape: z.ZodType<T>, body: { [name: string]: Json }): Promise<T> =>
    call({ method: 'post', path: route, route, shape, body: { organizationId: await organization(), ...body } });

  return {
    organization,
    me,
    channels: () => get('/channels/', wire.channels),
    chat: (id) => get('/chats/{id}/', wire.chat, {}, `/chats/${encodeURIComponent(id)}/`),
    async chats(state, Skip, Take) {
      const { items } = await get('/chats/', wire.chats, { ChatState: state, Order: 'Desc', Skip, Take });
      return items.flatMap((item) => {
        const read = wire.chat.safeParse(item);
        // One that cannot be read must not stop the look at the others.
        if (!read.success) context.log.warn({ reason: 'unknown shape' }, 'a chat in the list could not be read');
        return read.success ? [read.data] : [];
      });
    },
    async after(chat, since, Take) {
      const FromEventUTC = new Date(since).toISOString();
      const path = `/chats/${encodeURIComponent(chat)}/relative-messages/`;
      const { messages, hasMessagesBeforeAllowedOrganizationPlan: capped } = await get(
        '/chats/{id}/relative-messages/',
        wire.relatives,
        { FromEventUTC, Direction: 'TakeAfter', Take },
        path,
      );
      if (capped) context.log.warn({ chat }, 'the plan of this organization hides older messages');
      return messages.toSorted((a, b) => timeOf(a) - timeOf(b) || (wire.tieBreaker(a.createdAtUTC) < wire.tieBreaker(b.createdAtUTC) ? -1 : 1));
    },
    message: (id) => get('/messages/{id}/', wire.message, {}, `/messages/${encodeURIComponent(id)}/`),
    async contactByPhone(phoneNumber) {
      try {
        return await get('/contacts/phone/', wire.contact, { phoneNumber });
      } catch (error) {
        if (error instanceof ConnectorError && error.code === 'not-found') return undefined;
        throw error;
      }
    },
    contact: async (phoneNumber, name) => (await post('/contacts/', wire.foundContact, { phoneNumber, ...(name ? { name } : {}) })).contact.id,
    openChat: (channelId, contactId) => post('/chats/', wire.chat, { channelId, contactId }),
    post: async ({ chat, words, prefix, file }) =>
      (
        await post('/messages/', wire.message, {
          chatId: chat,
          message: words.kind === 'internal' ? toText(words) : words.text,
          isPrivate: words.kind === 'internal',
          // Else every reply would take the chat away from the agent who has it.
          skipReassign: true,
          ...(prefix ? { prefix } : {}),
          ...(file ? { file } : {}),
        })
      ).id,
    postTemplate: async ({ to, from, template, values, name }) =>
      (
        await post('/template-messages/simplified/', wire.message, {
          toPhone: to,
          fromPhone: from,
          templateId: template,
          params: [...values],
          skipReassign: true,
          ...(name ? { contactName: name } : {}),
        })
      ).id,
    async close(chat) {
      // Null leaves a member as it is.
      const body = { open: false, private: null, mute: null, waiting: null, channelId: null, memberId: null, sectorId: null };
      const query = { organizationId: await organization() };
      await call({ method: 'put', path: `/chats/${encodeURIComponent(chat)}/`, route: '/chats/{id}/', query, body, shape: wire.anything });
    },
    ranges: () => get('/webhooks/ranges/', wire.anything),
    async file(url) {
      try {
        return (await http.get<Readable>(url, { responseType: 'stream', maxContentLength: 50 * 2 ** 20 })).data;
      } catch (error) {
        // The host answers 403 for a file that is not there (any more), which no right of ours would change.
        const missing = isAxiosError(error) && error.response?.status === 403;
        throw connectorError(error, 'uTalk’s file host', now(), () => (missing ? { code: 'not-found' } : undefined));
      }
    },
  };
}

export const timeOf = (message: Pick<wire.Message, 'eventAtUTC' | 'createdAtUTC'>): number => wire.ms(message.eventAtUTC ?? message.createdAtUTC);
