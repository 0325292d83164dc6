/** How Slack tells an app: signed posts, tried again at once, after a minute and after five; or envelopes over a socket, until they are acknowledged. */
import { createHmac } from 'node:crypto';
import { createWebhookSender, type WebhookDials, type WebhookSender } from '../../../src/kit/simulator.ts';
import type { Answer } from './answers.ts';
import type { Workspace } from './state.ts';
import { type Connection, listenSocket, type SocketServer } from './websocket.ts';

export interface Feed {
  readonly dials: WebhookDials;
  hook(url: string): void;
  event(event: Record<string, unknown>): void;
  /** Something that a person pressed: resolves with the app's answer, or throws after 3 s as Slack shows an error then. */
  ask(kind: 'interactive' | 'slash_commands', payload: Record<string, unknown>): Promise<unknown>;
  settled(): Promise<void>;
  /** `apps.connections.open`. */
  open(): Promise<Answer>;
  /** Slack renews the connection: `disconnect`, then the end. */
  renew(): void;
  readonly acknowledged: readonly string[];
  close(): Promise<void>;
}

export interface FeedOptions {
  readonly signingSecret: string;
  /** What a minute of Slack's retry schedule takes here, in ms. */
  readonly minuteMs: number;
  readonly socket: boolean;
}

const patienceMs = 3000;

export function signed(secret: string, body: string, now: number): Record<string, string> {
  const time = String(Math.floor(now / 1000));
  return { 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex')}` };
}

export function createFeed(workspace: Workspace, { signingSecret, minuteMs, socket }: FeedOptions): Feed {
  const posts: WebhookSender = createWebhookSender({
    retryMs: [0, minuteMs, 5 * minuteMs],
    timeoutMs: patienceMs,
    judge: (status, headers) => (status >= 200 && status < 300 ? 'taken' : headers.get('x-slack-no-retry') === '1' ? 'final' : 'again'),
  });
  let address: string | undefined;
  const line = socket ? createLine(workspace) : undefined;

  const envelopeOf = (event: Record<string, unknown>): Record<string, unknown> => ({
    token: 'deprecated',
    team_id: workspace.team,
    api_app_id: workspace.app,
    type: 'event_callback',
    event_id: workspace.id('Ev'),
    event_time: Math.floor(workspace.now() / 1000),
    authorizations: [{ enterprise_id: null, team_id: workspace.team, user_id: workspace.bot.user, is_bot: true, is_enterprise_install: false }],
    is_ext_shared_channel: false,
    event: { ...event },
  });

  return {
    dials: posts,
    hook(url) {
      address = url;
      posts.to(url);
    },
    event(event) {
      const whole = envelopeOf(event);
      if (line) return line.send('events_api', whole);
      const body = JSON.stringify(whole);
      posts.post((attempt) => ({
        headers: {
          'content-type': 'application/json',
          ...signed(signingSecret, body, workspace.now()),
          ...(attempt > 0 && { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': 'http_error' }),
        },
        body,
      }));
    },
    async ask(kind, payload) {
      if (line) return line.ask(kind, payload);
      const body = kind === 'interactive' ? new URLSearchParams({ payload: JSON.stringify(payload) }) : new URLSearchParams(payload as Record<string, string>);
      const text = body.toString();
      const response = await fetch(address ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...signed(signingSecret, text, workspace.now()) },
        body: text,
        signal: AbortSignal.timeout(patienceMs),
      });
      const said = await response.text();
      if (response.status !== 200) throw new Error(`the app answered ${response.status}: ${said}`);
      return said === '' ? undefined : JSON.parse(said);
    },
    settled: async () => void (await Promise.all([posts.settled(), line?.settled()])),
    open: () => line?.open() ?? Promise.resolve({ ok: false, error: 'socket_mode_not_enabled' }),
    renew: () => line?.renew(),
    get acknowledged() {
      return line?.acknowledged ?? [];
    },
    close: async () => line?.close(),
  };
}

interface Envelope {
  readonly id: string;
  readonly text: (attempt: number) => string;
  attempt: number;
  answered(payload: unknown): void;
}

/** Envelopes wait for a connection, and go again over the next one when theirs ended before they were acknowledged. */
function createLine(workspace: Workspace) {
  let server: Promise<SocketServer> | undefined;
  const tickets = new Set<string>();
  const connections = new Set<Connection>();
  const waiting = new Map<string, Envelope>();
  const acknowledged: string[] = [];
  const calm: (() => void)[] = [];

  const deliver = (connection: Connection, envelope: Envelope): void => {
    connection.send(envelope.text(envelope.attempt));
    envelope.attempt += 1;
  };
  const start = (): Promise<SocketServer> =>
    listenSocket(
      (url) => tickets.delete(new URL(url, 'ws://slack').searchParams.get('ticket') ?? ''),
      (connection) => {
        connections.add(connection);
        connection.send(JSON.stringify({ type: 'hello', num_connections: connections.size, connection_info: { app_id: workspace.app } }));
        for (const envelope of waiting.values()) deliver(connection, envelope);
      },
      (_connection, text) => {
        const { envelope_id, payload } = JSON.parse(text) as { envelope_id: string; payload?: unknown };
        const envelope = waiting.get(envelope_id);
        if (!envelope) return;
        waiting.delete(envelope_id);
        acknowledged.push(envelope_id);
        envelope.answered(payload);
        if (waiting.size === 0) for (const done of calm.splice(0)) done();
      },
      (connection) => void connections.delete(connection),
    );

  function send(type: string, payload: Record<string, unknown>, answered: (payload: unknown) => void = () => {}): void {
    const id = workspace.id('env-');
    const text = (attempt: number): string =>
      JSON.stringify({
        envelope_id: id,
        type,
        payload,
        accepts_response_payload: type !== 'events_api',
        ...(type === 'events_api' && { retry_attempt: attempt, retry_reason: attempt > 0 ? 'timeout' : '' }),
      });
    const envelope = { id, text, attempt: 0, answered };
    waiting.set(id, envelope);
    const [connection] = connections;
    if (connection) deliver(connection, envelope);
  }

  return {
    send: (type: string, payload: Record<string, unknown>): void => send(type, payload),
    ask: (type: string, payload: Record<string, unknown>): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('the app did not answer within 3 s')), patienceMs);
        send(type, payload, (answer) => {
          clearTimeout(timer);
          resolve(answer);
        });
      }),
    async open(): Promise<Answer> {
      server ??= start();
      const ticket = workspace.id('ticket-');
      tickets.add(ticket);
      return { ok: true, url: `${(await server).url}/link?ticket=${ticket}` };
    },
    renew(): void {
      for (const connection of connections) {
        connection.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: 'simulator' } }));
        connections.delete(connection);
      }
    },
    acknowledged,
    settled: (): Promise<void> => (waiting.size === 0 ? Promise.resolve() : new Promise((resolve) => calm.push(resolve))),
    async close(): Promise<void> {
      await (await server)?.close();
    },
  };
}
