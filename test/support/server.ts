/** The real server in this process, in a folder of its own: one channel that takes signed posts, the built-in desk, and people who are signed in. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectors } from '../../connectors/index.ts';
import { signedPost } from '../../connectors/webhook/sender.ts';
import type { ConversationDetail, Preview } from '../../src/api/contract.ts';
import type { DecisionInput } from '../../src/closing/decision.ts';
import { readConfig } from '../../src/config/config.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import type { Registry } from '../../src/config/settings.ts';
import { type Running, startServer } from '../../src/main.ts';

export const hookSecret = `whsec_${Buffer.from('the secret of the tests, 32 bytes').toString('base64')}`;
export const password = 'a long enough password';

export interface Who {
  readonly cookie?: string;
  readonly token?: string;
}

export interface CallOptions {
  readonly method?: string;
  /** Sent as JSON; a string or bytes go as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface TestServer {
  readonly url: string;
  readonly folder: string;
  readonly running: Running;
  readonly admin: Who;
  /** As the console or a program would: a session's writes carry its header. */
  call<T = Record<string, unknown>>(who: Who, path: string, options?: CallOptions): Promise<Answer<T>>;
  /** Makes an agent by an invitation and signs in. */
  agent(name: string, role?: 'agent' | 'admin'): Promise<Who & { readonly id: string; readonly email: string }>;
  signIn(email: string, password: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** A customer writes; resolves with the conversation. */
  say(thread: string, text: string, more?: Readonly<Record<string, unknown>>): Promise<string>;
  post(payload: unknown, id?: string): Promise<{ status: number; body: string }>;
  detail(id: string): Promise<ConversationDetail>;
  /** A plain decision about all that was said, and its preview. */
  plan(id: string, more?: Partial<DecisionInput['parts'] extends (infer P)[] | undefined ? P : never>): Promise<{ decision: DecisionInput; preview: Preview }>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Connectors beside the product's own. */
  readonly registry?: Registry;
}

/** What a reader of HTTP makes of it: JSON where it says so, else the text. */
async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  return /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
}

const cookieOf = (headers: Headers): string =>
  headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');

let addresses = 0;
/** Sign-in counts attempts by address; each of these is somebody else's. */
const nextAddress = (): string => `198.51.100.${++addresses}`;

function bodyOf(body: unknown): { body?: BodyInit; type?: string } {
  if (body === undefined) return {};
  if (typeof body === 'string') return { body };
  if (body instanceof Uint8Array) return { body: new Uint8Array(body) };
  return { body: JSON.stringify(body), type: 'application/json' };
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'deskbridge-server-'));
  const file = join(folder, 'deskbridge.yaml');
  const channels = { shop: { connector: 'webhook', secret: { env: 'HOOK_SECRET' }, identitiesVerified: true } };
  await writeFile(file, stringify({ channels, ...options.config }));
  const environment = readEnvironment({
    PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: join(folder, 'data'),
    DESKBRIDGE_CONFIG: file,
    MAPPINGS_DIR: join(import.meta.dirname, '../../mappings'),
    LOG_LEVEL: 'silent',
    TRUST_PROXY: '1',
    EGRESS_ALLOW_LOOPBACK: '1',
    ...options.environment,
  });
  const start = (): Promise<Running> => startServer(readConfig(environment, { HOOK_SECRET: hookSecret }), { ...connectors, ...options.registry });
  const state = { running: await start() };
  const url = (): string => `http://127.0.0.1:${state.running.port}`;
  const calls = callsOf(url, environment.PUBLIC_URL);

  async function joinBy(link: string, name: string): Promise<Who & { email: string }> {
    const email = `${name.toLowerCase()}@desk.example`;
    const token = link.slice(link.lastIndexOf('/') + 1);
    const made = await calls.call({}, `/api/setup/${token}`, { method: 'POST', body: { name, email, password, locale: 'en' } });
    if (made.status !== 204) throw new Error(`${name} could not join: ${JSON.stringify(made.body)}`);
    return { cookie: cookieOf((await calls.signIn(email, password)).headers), email };
  }

  const admin = await joinBy(state.running.setupLink ?? '', 'Root');
  const server: TestServer = {
    ...calls,
    get url() {
      return url();
    },
    get running() {
      return state.running;
    },
    folder,
    admin,
    async agent(name, role = 'agent') {
      const { body } = await calls.call<{ link: string }>(admin, '/api/agents', { method: 'POST', body: { name, email: '', role } });
      const who = await joinBy(body.link, name);
      return { ...who, id: (await calls.call<{ id: string }>(who, '/api/me')).body.id };
    },
    ...talking(calls.call, url, admin),
    async restart() {
      await state.running.stop();
      state.running = await start();
    },
    async stop() {
      await state.running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return server;
}

function callsOf(url: () => string, publicUrl: string | undefined): Pick<TestServer, 'call' | 'signIn'> {
  const call = async <T>(who: Who, path: string, { method = 'GET', body, headers }: CallOptions = {}): Promise<Answer<T>> => {
    const content = bodyOf(body);
    const response = await fetch(url() + path, {
      method,
      headers: {
        ...(who.cookie ? { cookie: who.cookie, ...(method === 'GET' ? {} : { 'x-deskbridge': '1' }) } : {}),
        ...(who.token ? { authorization: `Bearer ${who.token}` } : {}),
        ...(content.type ? { 'content-type': content.type } : {}),
        ...headers,
      },
      redirect: 'manual',
      ...(content.body === undefined ? {} : { body: content.body }),
    });
    return { status: response.status, headers: response.headers, body: (await read(response)) as T };
  };
  return {
    call,
    signIn: (email, secret, headers) =>
      call({}, '/api/auth/sign-in/email', {
        method: 'POST',
        body: { email, password: secret },
        headers: { origin: new URL(publicUrl ?? url()).origin, 'x-forwarded-for': nextAddress(), ...headers },
      }),
  };
}

type Talking = Pick<TestServer, 'say' | 'post' | 'detail' | 'plan'>;

function talking(call: TestServer['call'], url: () => string, admin: Who): Talking {
  let sent = 0;
  const post: Talking['post'] = (payload, id = `post-${++sent}`) => signedPost({ url: `${url()}/hooks/shop`, secret: hookSecret, id, payload });
  const detail: Talking['detail'] = async (id) => (await call<ConversationDetail>(admin, `/api/conversations/${id}`)).body;
  return {
    post,
    detail,
    async say(thread, text, more = {}) {
      const from = { id: thread, role: 'contact', name: `Customer ${thread}`, email: `${thread}@example.com`, company: `Gym ${thread}` };
      const { status, body } = await post({ type: 'message', conversation: thread, id: `m-${thread}-${sent}`, at: Date.now(), from, text, ...more });
      if (status !== 202) throw new Error(`the message was answered ${status}: ${body}`);
      const inbox = await call<{ items: { id: string; lastText: string; contact: { name: string } }[] }>(
        admin,
        `/api/conversations?words=${from.name}&view=any`,
      );
      const found = inbox.body.items.find(({ contact }) => contact.name === from.name);
      if (!found) throw new Error(`no conversation of ${from.name}`);
      return found.id;
    },
    async plan(id, more = {}) {
      const { messageList } = await detail(id);
      const part = {
        key: 'p1',
        messages: messageList.filter(({ author }) => author.role === 'contact').map((message) => message.id),
        target: { kind: 'new' as const },
        outcome: { status: 'solved' },
        impact: 'question',
        title: 'The turnstile stands still',
        summary: 'The turnstile stood still; a restart helped.',
        ...more,
      };
      const decision: DecisionInput = { covers: messageList.at(-1)?.id ?? '', parts: [part] };
      const answer = await call<Preview>(admin, `/api/conversations/${id}/closings/preview`, { method: 'POST', body: { decision } });
      if (answer.status !== 200) throw new Error(`no preview: ${JSON.stringify(answer.body)}`);
      return { decision, preview: answer.body };
    },
  };
}
