/** The made-up account on a real port with a channel of ours beside it, for the tests of this folder. */
import {
  arrival,
  type Channel,
  type Context,
  createHttp,
  fetchedByUs,
  type InboundEvent,
  type Json,
  type PublicMessage,
  type ReplyContext,
} from '../../src/kit/index.ts';
import { type Listening, listen } from '../../src/kit/simulator.ts';
import { memoryJournal, testClock, testContext, testStep } from '../../test/support/context.ts';
import whatsapp from './index.ts';
import { settings, type WhatsappSettings } from './settings.ts';
import { whatsappSimulator } from './simulator.ts';

export const plainSettings = { phoneNumberId: '106540352242922', accessToken: 'EAAJ-token', appSecret: 'app-secret', verifyToken: 'our-word' };

export const makeChannel = (more: object = {}, parts: Partial<Context<WhatsappSettings>> = {}): Channel =>
  whatsapp.create(testContext(settings.parse({ ...plainSettings, ...more }), parts));

/** Events of a webhook, as the intake reads them. */
export async function eventsOf(channel: Channel, payload: Json): Promise<readonly InboundEvent[]> {
  const stored = arrival(fetchedByUs(), payload, 0);
  return channel.normalize((await channel.unpack?.(stored)) ?? stored);
}

export const hook = (value: object, field = 'messages'): Json =>
  ({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '102290129340398',
        changes: [
          { field, value: { messaging_product: 'whatsapp', metadata: { display_phone_number: '15550783881', phone_number_id: '106540352242922' }, ...value } },
        ],
      },
    ],
  }) as Json;

/** The account, a channel that uses it, and what both remember. */
export async function openAccount(more: object = {}, timeoutMs = 2_000) {
  const clock = testClock();
  const simulator = whatsappSimulator({ now: clock.now });
  const server: Listening = await listen(simulator.app);
  const http = createHttp({ egress: { allow: ['127.0.0.0/8'] }, timeoutMs });
  const context = testContext(settings.parse({ ...simulator.settings(server.url), ...more }), { now: clock.now, http });
  const channel = whatsapp.create(context);
  const journal = memoryJournal();
  return { clock, simulator, server, context, channel, journal, step: testStep(journal, clock.now) };
}
export type Account = Awaited<ReturnType<typeof openAccount>>;

export const maria = { id: 'maria', name: 'Maria Souza', phone: '+5511930001001' };

export const words = (text: string): PublicMessage => ({ kind: 'public', text, files: [] });

export const replyTo = (thread: string, message = 'm-1'): ReplyContext => ({
  message,
  thread,
  replyToken: '',
  subject: undefined,
  to: [],
  earlier: [],
  agent: 'Ana',
});
