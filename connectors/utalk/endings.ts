/** What we remember of a chat's end: uTalk may clear its time when the chat goes on, and one webhook alone does not tell that it ever ended. */
import type { Json, Records, VerifiedArrival } from '../../src/kit/index.ts';
import { type Chat, camelized, chat as chatShape, ms } from './wire.ts';

type Ended = { readonly at: number };

/** Writes down an end, and gives an open chat the end that it had before. Anything that cannot be read is left as it is. */
export async function rememberEnd(arrival: VerifiedArrival, records: Records): Promise<VerifiedArrival> {
  const payload = camelized(arrival.payload);
  const holder = holderOf(payload);
  const parsed = chatShape.safeParse(holder?.value);
  if (!holder || !parsed.success) return arrival;
  const chat = parsed.data;
  if (!chat.open) {
    await keep(records, chat, arrival.receivedAt);
    return arrival;
  }
  const ended = chat.closedAtUTC === undefined ? await records.get<Ended>('ended', chat.id) : undefined;
  if (!ended || ended.at >= ms(chat.eventAtUTC ?? chat.createdAtUTC)) return arrival;
  holder.set({ ...(holder.value as object), closedAtUTC: new Date(ended.at).toISOString() });
  return { ...arrival, payload: payload as Json };
}

async function keep(records: Records, chat: Chat, receivedAt: number): Promise<void> {
  const at = ms(chat.closedAtUTC ?? chat.eventAtUTC ?? new Date(receivedAt).toISOString());
  const sort = new Date(at).toISOString();
  if (await records.insert('ended', chat.id, { at }, { sort })) return;
  await records.update<Ended>('ended', chat.id, (known) => ({ at: Math.max(known.at, at) }), { sort });
}

interface Holder {
  readonly value: unknown;
  set(value: unknown): void;
}

const inside = (value: unknown, name: string): Record<string, unknown> | undefined => {
  const inner = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : undefined;
};

/** Where the chat stands in a webhook, or in a look of ours. `payload` is a copy. */
function holderOf(payload: unknown): Holder | undefined {
  for (const [outer, name] of [
    ['payload', 'content'],
    ['look', 'chat'],
  ] as const) {
    const around = inside(payload, outer);
    if (around?.[name] !== undefined)
      return {
        value: around[name],
        set: (value) => {
          around[name] = value;
        },
      };
  }
  return undefined;
}
