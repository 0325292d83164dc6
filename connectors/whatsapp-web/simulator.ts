/**
 * WhatsApp as a linked device meets it. The real child process runs with `simulator/client.ts` in the library's place, which asks this account over HTTP; so the
 * process, the protocol, the spool and the watchdog are the real ones. Events are heard only while connected: what was missed has to be fetched from the chats.
 */
import express, { type Request, type Response } from 'express';
import { createDials, faultable, type SimulatedChannel } from '../../src/kit/simulator.ts';
import { createAccount } from './simulator/account.ts';

export interface AccountOptions {
  readonly now?: () => number;
  readonly seed?: number;
  /** False: the number has to be linked first, by `scan`. */
  readonly linked?: boolean;
}

export interface SimulatedNumber extends SimulatedChannel {
  /** The code is scanned. */
  scan(): void;
  /** Unlinked on the phone. */
  unlink(): void;
  /** The page leaves the states in which it works: CONFLICT, TOS_BLOCK, … */
  disconnect(state: string): void;
  /** What the page says of its connection from now on. */
  connection(state: string | null): void;
  readonly qr: string;
}

const holdMs = 100;
const client = new URL('./simulator/client.ts', import.meta.url);

export function simulatedChannel({ now = Date.now, seed = 1, linked = true }: AccountOptions = {}): SimulatedNumber {
  const dials = createDials({ seed });
  const account = createAccount(now);
  let isLinked = linked;
  let state: string | null = 'CONNECTED';
  /** How far the connected device has got, by its own word. */
  let heard = { after: -1, quiet: false };
  const waiting = new Set<() => void>();

  const app = express();
  app.use(faultable(dials, { tooMany: { error: 'slow down' }, broken: { error: 'broken' } }));
  app.get('/session', (_request, response) => {
    heard = { after: -1, quiet: false };
    response.json({ isLinked, qr: 'made-up,QR,code', wid: account.own.id, pushname: account.own.name, last: account.told.length });
  });
  app.get('/events', (request, response) => void events(request, response));
  app.get('/state', (_request, response) => void response.json({ state }));
  app.get('/chats', (_request, response) => void response.json(account.chats()));
  app.get('/chats/:chat', ({ params }, response) => found(response, account.people.has(params.chat) ? { id: params.chat } : undefined));
  app.get('/chats/:chat/messages', ({ params, query }, response) => {
    const messages = account.messages(params.chat).filter(({ fromMe }) => query.fromMe === undefined || String(fromMe) === query.fromMe);
    response.json(messages.toSorted((a, b) => a.timestamp - b.timestamp).slice(-Number(query.limit ?? 50)));
  });
  app.post('/chats/:chat/messages', ({ params, body }, response) => {
    if (!account.people.has(params.chat)) return void response.status(404).json({ error: 'no such chat' });
    const { text = '', media, asDocument = false } = JSON.parse(String(body)) as Posted;
    if (text === '' && !media) return void response.status(400).json({ error: 'an empty message' });
    const file = media && { name: media.filename ?? 'file', mime: media.mimetype, bytes: Buffer.from(media.data, 'base64') };
    response.json(account.send(params.chat, text, file, asDocument));
  });
  app.get('/messages/:id', ({ params }, response) => found(response, account.find(params.id)));
  app.get('/messages/:id/media', ({ params }, response) => {
    const file = account.fileOf(params.id);
    found(response, file && { mimetype: file.mime, data: file.bytes.toString('base64'), filename: file.name, filesize: file.bytes.length });
  });
  app.get('/contacts/:id', ({ params }, response) => {
    const person = account.people.get(params.id);
    found(response, person && { pushname: person.name });
  });
  app.get('/lids/:id', ({ params }, response) => found(response, account.people.has(params.id) ? { lid: params.id } : undefined));
  app.get('/numbers/:digits', ({ params }, response) => {
    // Everybody with a plausible number is on WhatsApp, but for those that end in 0000.
    const id = /^\d{8,15}$/.test(params.digits) && !params.digits.endsWith('0000') ? `${params.digits}@c.us` : undefined;
    if (id && !account.people.has(id)) account.people.set(id, { id: params.digits, phone: `+${params.digits}` });
    found(response, id === undefined ? undefined : { id });
  });
  app.use((request, response) => void response.status(501).json({ error: `the made-up WhatsApp has no ${request.method} ${request.path}` }));

  function found(response: Response, body: object | undefined): void {
    if (body) response.json(body);
    else response.status(404).json({ error: 'not there' });
  }

  /** Waits a moment for news, so that the other side hears of them at once. */
  function events({ query }: Request, response: Response): void {
    const after = Number(query.after);
    heard = { after, quiet: query.quiet === '1' };
    for (const look of waiting) look();
    const news = () => account.told.filter(({ n }) => n > after);
    const answer = (): void => {
      clearTimeout(timer);
      stop();
      if (!response.headersSent) response.json(news());
    };
    // A moment later, so that what happens together is told together.
    const stop = account.watch(() => void setImmediate(answer));
    const timer = setTimeout(answer, news().length > 0 ? 0 : holdMs);
  }

  const isSettled = (): boolean => heard.quiet && heard.after === account.told.length;

  return {
    app,
    dials,
    qr: 'made-up,QR,code',
    settings: (address) => ({
      acceptTermsRisk: true,
      library: `${client.href}?account=${encodeURIComponent(address)}`,
      qrInTerminal: false,
      catchUpHours: 24 * 365,
      sendSeconds: 1,
    }),
    write: async (message) => account.write(message),
    edit: async (id, text) => account.edit(id, text),
    remove: async (id) => account.remove(id),
    react: async (id, emoji) => account.react(id, emoji),
    async settled() {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (!isSettled()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
    },
    shown: (_conversation, person) => account.shown(person),
    scan() {
      isLinked = true;
    },
    unlink() {
      isLinked = false;
      account.tell('disconnected', undefined, 'LOGOUT');
    },
    disconnect: (reason) => account.tell('disconnected', undefined, reason),
    connection(now) {
      state = now;
    },
  };
}

interface Posted {
  readonly text?: string;
  readonly media?: { readonly mimetype: string; readonly data: string; readonly filename?: string };
  readonly asDocument?: boolean;
}
