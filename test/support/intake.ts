/** A channel whose payloads are the events themselves, so that tests of the core need no vendor. */
import type { ChannelRuntime } from '../../src/intake/intake.ts';
import { type Channel, type InboundEvent, type Json, type MessageEvent, type Party, UnknownPayload } from '../../src/kit/index.ts';

const events = (payload: Json): InboundEvent[] => (Array.isArray(payload) ? payload : [payload]) as unknown as InboundEvent[];

const kinds: ReadonlySet<string> = new Set<InboundEvent['type']>([
  'message',
  'edited',
  'deleted',
  'ended',
  'reopened',
  'reaction',
  'receipt',
  'assigned',
  'ticket',
  'identityChanged',
  'canary',
]);

/** Normalizes `{type, ...}` and lists of it; anything else is unknown. */
export function channelOf(name: string, parts: Partial<Channel> = {}): ChannelRuntime {
  return {
    name,
    connector: {
      intake: [],
      normalize({ payload }) {
        const found = events(payload);
        const odd = found.find((event) => typeof event !== 'object' || !kinds.has(event?.type));
        if (odd !== undefined) throw new UnknownPayload(`unknown: ${JSON.stringify(odd)}`);
        return found;
      },
      send: async () => ({ externalId: 'sent' }),
      health: async () => ({ detail: 'fine' }),
      ...parts,
    },
  };
}

export const customer = (id: string, more: Partial<Party> = {}): Party => ({
  role: 'contact',
  id,
  name: `Name of ${id}`,
  identities: [{ kind: 'account', value: id, verified: true }],
  ...more,
});

/** A message of the thread's own customer, as a payload. */
export const said = (thread: string, id: string, text: string, more: Partial<MessageEvent> = {}): Json =>
  ({ type: 'message', thread, id, text, at: 1_700_000_000_000, kind: 'public', from: customer(thread), media: [], ...more }) as unknown as Json;
