/** Stands where whatsapp-web.js would: the same classes and events, with a made-up account behind them. Its address comes as `?account=` of this module's own. */
import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { LibraryChat, LibraryClient, LibraryContact, LibraryMedia, LibraryMessage } from '../library.ts';
import type { StoredMessage, Told } from './account.ts';

const address = new URL(import.meta.url).searchParams.get('account') ?? '';

/** What has left this process and is not committed by its parent; so that the account knows when nothing is on its way any more. */
const uncommitted = new Set<unknown>();
let caughtUp = false;
const send = process.send?.bind(process);
if (send) {
  process.send = ((message: { type?: string; seq?: number; problem?: string }, ...more: []) => {
    if (message.type === 'heard') uncommitted.add(message.seq);
    if (message.type === 'caughtUp') caughtUp = message.problem === undefined;
    return send(message, ...more);
  }) as NonNullable<typeof process.send>;
  process.on('message', (message: { type?: string; seq?: number }) => {
    if (message.type === 'acknowledged') uncommitted.delete(message.seq);
  });
}

async function ask<T>(path: string, body?: object): Promise<T | undefined> {
  const response = await fetch(`${address}${path}`, body ? { method: 'POST', body: JSON.stringify(body) } : {});
  if (response.status === 404) return void (await response.arrayBuffer());
  if (!response.ok) throw new Error(`Evaluation failed: the account answered ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

const enc = encodeURIComponent;
const awake = (data: object | undefined): LibraryMessage | undefined => {
  if (!data) return undefined;
  const message = data as LibraryMessage;
  return Object.assign(message, {
    getQuotedMessage: async () => undefined,
    getReactions: async () => [{ senders: Object.values((data as StoredMessage).reactions ?? {}) }],
    downloadMedia: () => ask<LibraryMedia>(`/messages/${enc(message.id._serialized)}/media`),
  });
};
const all = (data: readonly object[] | undefined): LibraryMessage[] => (data ?? []).flatMap((one) => awake(one) ?? []);

const chatWith = ({ id, timestamp }: { id: string; timestamp?: number }): LibraryChat => ({
  id: { _serialized: id },
  timestamp,
  fetchMessages: async ({ limit, fromMe }) =>
    all(await ask<object[]>(`/chats/${enc(id)}/messages?limit=${limit}${fromMe === undefined ? '' : `&fromMe=${fromMe}`}`)),
});

interface Session {
  readonly isLinked: boolean;
  readonly qr: string;
  readonly wid: string;
  readonly pushname: string;
  readonly last: number;
}

export class LocalAuth {
  readonly profile: string;
  constructor({ clientId, dataPath }: { clientId: string; dataPath: string }) {
    this.profile = join(dataPath, `session-${clientId}`);
  }
}

export const MessageMedia = {
  fromFilePath: (path: string): LibraryMedia => ({ mimetype: 'application/octet-stream', data: readFileSync(path, 'base64'), filename: basename(path) }),
};

export class Client extends EventEmitter implements LibraryClient {
  info: LibraryClient['info'];
  #over = false;
  readonly #profile: string;

  constructor({ authStrategy }: { authStrategy: LocalAuth }) {
    super();
    this.#profile = authStrategy.profile;
  }

  async initialize(): Promise<void> {
    mkdirSync(this.#profile, { recursive: true });
    // As with the library, what comes after the page was loaded happens by itself.
    void this.#live();
  }

  async #live(): Promise<void> {
    const session = await this.#linked();
    if (!session) return;
    this.emit('authenticated');
    this.info = { wid: { _serialized: session.wid }, pushname: session.pushname };
    caughtUp = false;
    this.emit('ready');
    for (let after = session.last; !this.#over; ) {
      const quiet = caughtUp && uncommitted.size === 0 ? 1 : 0;
      const news = await ask<Told[]>(`/events?after=${after}&quiet=${quiet}`).catch(() => wait(50));
      for (const told of news ?? []) {
        await this.#hear(told);
        after = told.n;
      }
    }
  }

  async #linked(): Promise<Session | undefined> {
    let shown = '';
    while (!this.#over) {
      const session = await ask<Session>('/session').catch(() => undefined);
      if (session?.isLinked) return session;
      if (session && session.qr !== shown) {
        shown = session.qr;
        this.emit('qr', session.qr);
      }
      await wait(50);
    }
    return undefined;
  }

  /** Resolves when the listeners have dealt with it, which is when the parent has committed it. */
  async #hear({ name, message, given = [] }: Told): Promise<void> {
    const subject = awake(message);
    for (const listener of this.listeners(name)) await (listener as (...given: unknown[]) => unknown)(...(subject ? [subject] : []), ...given);
  }

  async destroy(): Promise<void> {
    this.#over = true;
  }

  getState = async (): Promise<string | null> => (await ask<{ state: string | null }>('/state'))?.state ?? null;
  getChats = async (): Promise<LibraryChat[]> => ((await ask<{ id: string; timestamp: number }[]>('/chats')) ?? []).map(chatWith);
  getContactById = (id: string): Promise<LibraryContact | undefined> => ask(`/contacts/${enc(id)}`);
  getMessageById = async (id: string): Promise<LibraryMessage | undefined> => awake(await ask<object>(`/messages/${enc(id)}`));

  async getChatById(id: string): Promise<LibraryChat | undefined> {
    const chat = await ask<{ id: string }>(`/chats/${enc(id)}`);
    return chat && chatWith(chat);
  }

  async getContactLidAndPhone(ids: readonly string[]): Promise<{ lid?: string; pn?: string }[]> {
    return Promise.all(ids.map(async (id) => (await ask<{ lid?: string; pn?: string }>(`/lids/${enc(id)}`)) ?? {}));
  }

  async getNumberId(digits: string): Promise<{ _serialized: string } | null> {
    const found = await ask<{ id: string }>(`/numbers/${enc(digits)}`);
    return found ? { _serialized: found.id } : null;
  }

  async sendMessage(chat: string, content: string | LibraryMedia, options: { sendMediaAsDocument?: boolean } = {}): Promise<LibraryMessage | undefined> {
    const body = typeof content === 'string' ? { text: content } : { media: content, asDocument: options.sendMediaAsDocument ?? false };
    return awake(await ask<object>(`/chats/${enc(chat)}/messages`, body));
  }
}
