/** A small server around the widget's routes for tests: history in memory, a page with a strict CSP, and a switch to lose the network. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import {
  arrival,
  type BlobRef,
  type Channel,
  type Context,
  type Exchange,
  type Json,
  type PublicHistoryMessage,
  type RawRequest,
  type Route,
  type Verified,
} from '../../src/kit/index.ts';
import { testContext } from '../../test/support/context.ts';
import widget from './index.ts';
import { settings, type WidgetSettings } from './settings.ts';

export interface Harness {
  readonly url: string;
  readonly context: Context<WidgetSettings>;
  readonly channel: Channel;
  /** Payloads that were accepted, repeats left out. */
  readonly accepted: Json[];
  /** An agent answers in a visitor's conversation. */
  say(thread: string, text: string, files?: readonly (BlobRef & { id: string })[]): PublicHistoryMessage;
  change(id: string, more: Partial<PublicHistoryMessage>): void;
  /** An agent types an answer. */
  types(thread: string, agent: string): void;
  /** Threads whose visitor was told to be typing, once a time. */
  readonly typed: string[];
  readonly history: Map<string, PublicHistoryMessage[]>;
  /** While true, every connection to the routes is cut; pages come from the browser's cache. */
  cut: boolean;
  /** Status that posts of messages answer with, after the message was stored; undefined: the real one. */
  failAfterStoring: number | undefined;
  readonly pages: Map<string, { headers: Record<string, string>; body: string | Buffer }>;
  readonly open: Set<AbortSignal>;
  stop(): Promise<void>;
}

function memoryHistory() {
  const threads = new Map<string, PublicHistoryMessage[]>();
  const watchers = new Map<string, Set<() => void>>();
  const changed = (thread: string): void => {
    for (const callback of watchers.get(thread) ?? []) callback();
  };
  return {
    threads,
    changed,
    add(thread: string, message: PublicHistoryMessage): void {
      threads.set(thread, [...(threads.get(thread) ?? []), message]);
      changed(thread);
    },
    port: {
      async messages(thread: string, { after, limit = 100 }: { after?: string; limit?: number } = {}) {
        const all = threads.get(thread) ?? [];
        const from = after === undefined ? -1 : all.findIndex((message) => message.id === after);
        return from >= 0 ? all.slice(from + 1, from + 1 + limit) : all.slice(-limit);
      },
      watch(thread: string, callback: () => void) {
        const set = watchers.get(thread) ?? new Set();
        watchers.set(thread, set.add(callback));
        return () => void set.delete(callback);
      },
    },
  };
}

function memoryLive() {
  const watchers = new Map<string, Set<(agent: string) => void>>();
  const typed: string[] = [];
  return {
    typed,
    watchers,
    port: {
      typing: (thread: string) => void typed.push(thread),
      watchTyping(thread: string, told: (agent: string) => void) {
        const set = watchers.get(thread) ?? new Set();
        watchers.set(thread, set.add(told));
        return () => void set.delete(told);
      },
    },
  };
}

export async function startHarness(given: object = {}, parts: Partial<Context<WidgetSettings>> = {}): Promise<Harness> {
  const memory = memoryHistory();
  const live = memoryLive();
  const context = testContext<WidgetSettings>(settings.parse(given), { name: 'site-chat', history: memory.port, live: live.port, ...parts });
  const channel = widget.create(context);
  const routes = channel.intake.flatMap((intake) => (intake.via === 'routes' ? intake.routes : []));
  const keys = new Set<string>();
  const server = http.createServer((request, response) => void answer(request, response).catch(() => response.destroy()));

  const harness: Harness = {
    url: '',
    context,
    channel,
    accepted: [],
    types(thread, agent) {
      for (const told of live.watchers.get(thread) ?? []) told(agent);
    },
    typed: live.typed,
    history: memory.threads,
    cut: false,
    failAfterStoring: undefined,
    pages: new Map(),
    open: new Set(),
    say(thread, text, files = []) {
      const shown = files.map(({ id, name, mime, size, sha256 }) => ({ id, name, mime, size, blob: sha256 }));
      const id = context.id();
      const message = { id, externalId: id, at: context.now(), from: 'agent', author: 'Ana', text, deleted: false, files: shown } as const;
      memory.add(thread, message);
      return message;
    },
    change(id, more) {
      for (const [thread, messages] of memory.threads) {
        if (!messages.some((message) => message.id === id)) continue;
        memory.threads.set(
          thread,
          messages.map((message) => (message.id === id ? { ...message, ...more } : message)),
        );
        memory.changed(thread);
      }
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function accept(proof: Verified, payload: Json, key: string): Promise<'stored' | 'repeated'> {
    if (keys.has(key)) return 'repeated';
    keys.add(key);
    harness.accepted.push(payload);
    for (const event of channel.normalize(arrival(proof, payload, context.now()))) {
      if (event.type !== 'message') continue;
      const files = event.media.map(({ id, name, mime, size, blob }) => ({ id, name, mime: mime ?? '', size: size ?? null, blob: blob ?? null }));
      const author = event.from.name ?? 'Visitor';
      memory.add(event.thread, { id: context.id(), externalId: event.id, at: event.at, from: 'contact', author, text: event.text, deleted: false, files });
    }
    return 'stored';
  }

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const page = harness.pages.get(url.pathname);
    if (page) return void response.writeHead(200, page.headers).end(page.body);
    if (harness.cut) return void request.socket.destroy();
    response.setHeader('access-control-allow-origin', '*');
    if (request.method === 'OPTIONS') {
      const allowed = { 'access-control-allow-headers': 'authorization, content-type', 'access-control-allow-methods': 'GET, POST, PUT, DELETE' };
      return void response.writeHead(204, allowed).end();
    }
    const path = url.pathname.replace(/^\/hooks\/site-chat/, '');
    const found = match(routes, request.method ?? '', path);
    if (!found) return void response.writeHead(404).end();
    const raw: RawRequest = {
      method: request.method ?? '',
      path,
      query: url.searchParams,
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: found.route.streams ? Buffer.alloc(0) : await buffer(request),
      remoteAddress: request.socket.remoteAddress ?? '',
    };
    await found.route.handle(exchangeOf(raw, found, request, response));
  }

  const exchangeOf = (raw: RawRequest, { route, params }: Found, request: http.IncomingMessage, response: http.ServerResponse): Exchange => ({
    request: raw,
    params,
    upload: route.streams ? request : undefined,
    async accept(proof, payload, key = '') {
      return { arrival: key, state: await accept(proof, payload, key) };
    },
    json(status, body) {
      const lost = harness.failAfterStoring !== undefined && route.path === '/messages';
      response.writeHead(lost ? (harness.failAfterStoring ?? 500) : status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    },
    answer: ({ status, headers = {}, body = '' }) => void response.writeHead(status, headers).end(body),
    file({ stream, mime, name }) {
      const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;
      response.writeHead(200, { 'content-type': mime, 'content-disposition': disposition, 'x-content-type-options': 'nosniff' });
      stream.pipe(response);
    },
    stream() {
      const aborter = new AbortController();
      harness.open.add(aborter.signal);
      response.on('close', () => {
        harness.open.delete(aborter.signal);
        aborter.abort();
      });
      response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' }).flushHeaders();
      return { write: (line) => void response.write(`${line}\n`), closed: aborter.signal };
    },
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(harness, { url });
}

interface Found {
  readonly route: Route;
  readonly params: Record<string, string>;
}

function match(routes: readonly Route[], method: string, path: string): Found | undefined {
  for (const route of routes) {
    const pattern = new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const hit = route.method === method ? pattern.exec(path) : null;
    if (hit) return { route, params: { ...hit.groups } };
  }
  return undefined;
}
