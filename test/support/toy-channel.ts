/** A channel whose vendor is the test: it hears what the test says, and keeps what it is asked to do. */
import { z } from 'zod';
import type { Registry } from '../../src/config/settings.ts';
import {
  type Channel,
  type ChannelCapabilities,
  type Context,
  defineChannel,
  type FirstContact,
  type InboundEvent,
  type InternalText,
  type Json,
  type PublicMessage,
  type ReplyContext,
  type Session,
  type SessionState,
  type TicketRef,
  toText,
} from '../../src/kit/index.ts';

export type ToyEffect =
  | { readonly did: 'send'; readonly reply: PublicMessage; readonly to: ReplyContext }
  | { readonly did: 'start'; readonly first: PublicMessage; readonly to: FirstContact }
  | { readonly did: 'note'; readonly note: string; readonly to: ReplyContext }
  | { readonly did: 'filed'; readonly tickets: readonly TicketRef[]; readonly note: string; readonly to: ReplyContext }
  | { readonly did: 'end'; readonly to: ReplyContext };

export interface ToyChannel {
  readonly registry: Registry;
  readonly effects: ToyEffect[];
  /** The context that the channel was made with. */
  context(): Context<unknown>;
  /** What happens at the vendor; resolves once it is on disk. */
  hear(...events: readonly InboundEvent[]): Promise<void>;
  /** The state of its session, as the vendor changes it. */
  become(state: SessionState): Promise<void>;
  /** Runs before an effect counts: throw here to fail it. */
  before(effect: ToyEffect['did']): Promise<void> | void;
}

export interface ToyOptions {
  readonly capabilities?: Partial<ChannelCapabilities>;
  /** Members that this vendor lacks. */
  readonly without?: readonly ('note' | 'filed' | 'end' | 'start' | 'templates')[];
  readonly templates?: Awaited<ReturnType<NonNullable<Channel['templates']>>>;
  readonly needsTemplate?: boolean;
  /** How its session begins; ready unless given. */
  readonly begins?: SessionState;
  /** Sends the channel a message to itself; it has no such way unless given. */
  readonly canary?: NonNullable<Channel['canary']>;
}

/** Listed as connector `toy`; threads of started conversations are the phone number without its plus. */
export function toyChannel(options: ToyOptions = {}): ToyChannel {
  const { capabilities, without = [], templates = [], needsTemplate = false, begins = { state: 'ready' }, canary } = options;
  const effects: ToyEffect[] = [];
  const made: { context?: Context<unknown>; session?: Session } = {};
  let sent = 0;
  const effect = <R extends Json>(done: ToyEffect, result: R) => ({
    body: () => ({ did: done.did }),
    async send(): Promise<R> {
      await toy.before(done.did);
      effects.push(done);
      return result;
    },
  });
  const noteOf = (note: InternalText): string => toText(note);
  const channel: Channel = {
    intake: [
      {
        via: 'session',
        async run(session) {
          made.session = session;
          session.state(begins);
          await new Promise<void>((resolve) => session.signal.addEventListener('abort', () => resolve(), { once: true }));
          delete made.session;
        },
      },
    ],
    normalize: ({ payload }) => (payload as unknown as { events: InboundEvent[] }).events,
    send: (reply, to, step) => step('send', effect({ did: 'send', reply, to }, { externalId: `out-${++sent}` })),
    start: (first, to, step) => step('start', effect({ did: 'start', first, to }, { thread: to.phone.slice(1), externalId: `out-${++sent}` })),
    startNeedsTemplate: needsTemplate,
    templates: async () => templates,
    note: async (note, to, step) => void (await step('note', effect({ did: 'note', note: noteOf(note), to }, null))),
    filed: async (tickets, note, to, step) => void (await step('filed', effect({ did: 'filed', tickets, note: noteOf(note), to }, null))),
    end: async (to, step) => void (await step('end', effect({ did: 'end', to }, null))),
    health: async () => ({ detail: '' }),
    ...(canary ? { canary } : {}),
  };
  const has = Object.fromEntries(Object.entries(channel).filter(([member]) => !(without as readonly string[]).includes(member))) as unknown as Channel;
  const definition = defineChannel({
    id: 'toy',
    title: 'Toy',
    settings: z.looseObject({}),
    capabilities: { reply: true, endSignal: true, maxTextLength: 1000, findsSent: false, starts: true, ...capabilities },
    create(context) {
      made.context = context as Context<unknown>;
      return has;
    },
  });
  async function session(): Promise<Session> {
    for (let tries = 0; !made.session && tries < 500; tries += 1) await new Promise((resolve) => setImmediate(resolve));
    if (!made.session) throw new Error('no session was started');
    return made.session;
  }
  const toy: ToyChannel = {
    registry: { toy: async () => ({ default: definition }) },
    effects,
    context() {
      if (!made.context) throw new Error('the channel was not made');
      return made.context;
    },
    async hear(...events) {
      await (await session()).emit({ events } as unknown as Json);
    },
    async become(state) {
      (await session()).state(state);
    },
    before() {},
  };
  return toy;
}

/** A customer who writes from a number that the vendor vouches for. */
export const written = (phone: string, text: string, more: { id: string; at?: number; name?: string; thread?: string }): InboundEvent => ({
  type: 'message',
  thread: more.thread ?? phone.slice(1),
  id: more.id,
  at: more.at ?? Date.now(),
  from: { role: 'contact', id: phone, name: more.name ?? 'Maria', identities: [{ kind: 'phone', value: phone, verified: true }] },
  kind: 'public',
  text,
  media: [],
});
