/** A channel on a made-up uTalk organization that tests share: on a real port, with a clock that they move. */
import { type Context, createHttp, type PublicMessage, type RawRequest, type ReplyContext } from '../../src/kit/index.ts';
import { listen } from '../../src/kit/simulator.ts';
import { testClock, testContext } from '../../test/support/context.ts';
import utalk from './index.ts';
import { settings, type UtalkSettings } from './settings.ts';
import { type SimulatedUtalk, simulatedChannel, type UtalkOptions } from './simulator.ts';

export interface Account {
  readonly account: SimulatedUtalk;
  readonly clock: ReturnType<typeof testClock>;
  readonly channel: ReturnType<typeof utalk.create>;
  readonly context: Context<UtalkSettings>;
  readonly address: string;
  close(): Promise<void>;
}

export const ana = { id: 'ana', name: 'Ana', phone: '+5511930001004' };

export async function openAccount(options: UtalkOptions = {}, more: object = {}, parts: Partial<Context<UtalkSettings>> = {}): Promise<Account> {
  const clock = testClock();
  const account = simulatedChannel({ now: clock.now, retryMs: [20], ...options });
  const server = await listen(account.app);
  const http = createHttp({ egress: { allow: ['127.0.0.0/8'] }, timeoutMs: 400 });
  const context = testContext(settings.parse({ ...account.settings(server.url), ...more }), { now: clock.now, http, ...parts });
  return { account, clock, context, channel: utalk.create(context), address: server.url, close: () => server.close() };
}

/** What stands in the settings as it must, and nothing else. */
export const bare = { token: 'a-token', hookSecret: 'a-secret-of-sixteen' };

export const posted = (path: string, body: Buffer = Buffer.from('{}'), remoteAddress = '203.0.113.9'): RawRequest => ({
  method: 'POST',
  path,
  query: new URLSearchParams(),
  headers: { 'content-type': 'application/json' },
  body,
  remoteAddress,
});

export const reply = (text: string, files: PublicMessage['files'] = []): PublicMessage => ({ kind: 'public', text, files });

/** Where Ana's replies go: her newest chat. */
export function towards({ account }: Pick<Account, 'account'>, earlier: readonly string[] = []): ReplyContext {
  const chat = account.state.chats.at(-1);
  const thread = `${chat?.id}:${chat?.createdAt}`;
  return { message: 'm-1', thread, replyToken: 'r', subject: undefined, to: [], earlier, agent: 'Bia' };
}
