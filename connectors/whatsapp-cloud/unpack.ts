/**
 * Adds to a webhook what normalizing cannot look up: whose thread it is, which of our messages it is about, and the words that a customer quotes.
 * It also takes down which unclear sends a status proves. All of it is done before the commit and may be done again.
 */
import type { Context, Json, VerifiedArrival } from '../../src/kit/index.ts';
import { type Item, itemsOf } from './items.ts';
import type { People } from './people.ts';
import { firstPiece, tookDown } from './proofs.ts';
import type { WhatsappSettings } from './settings.ts';
import { split } from './split.ts';
import { threadOf } from './threads.ts';

/** What was looked up for one part of a webhook. */
export type Facts = {
  /** Lasting name of the customer. */
  readonly key: string;
  /** The message of ours or theirs that this is about: the first piece, where it was sent in several. */
  readonly about?: string;
  readonly quoted?: string;
};

export type Unpacked = { readonly parts: readonly { readonly webhook: Json; readonly facts: readonly (Facts | null)[] }[] };

/** The last messages of a thread among which a quoted one is looked for. */
const looksBack = 100;
const quoteLength = 300;

export interface UnpackParts {
  readonly context: Pick<Context<WhatsappSettings>, 'records' | 'history' | 'settings'>;
  readonly people: People;
}

export async function unpack(arrival: VerifiedArrival, parts: UnpackParts): Promise<VerifiedArrival> {
  const unpacked: { webhook: Json; facts: (Facts | null)[] }[] = [];
  for (const webhook of split(arrival.payload)) {
    const facts: (Facts | null)[] = [];
    for (const item of itemsOf(webhook, parts.context.settings)) facts.push(await factsOf(item, parts));
    unpacked.push({ webhook, facts });
  }
  return { ...arrival, payload: { parts: unpacked } satisfies Unpacked };
}

async function factsOf(item: Item, { context, people }: UnpackParts): Promise<Facts | null> {
  const { records } = context;
  if (item.is === 'nothing') return null;
  if (item.is === 'change') {
    const key = await people.moved(item.ids, item.now);
    await people.heard(key, item.now);
    return { key };
  }
  const key = await people.keyOf(item.ids);
  if (item.is === 'status') {
    await tookDown(records, item.status);
    return { key, about: await firstPiece(records, item.status.id) };
  }
  if (item.is === 'message') await people.heard(key, item.ids);
  const answered = aboutOf(item.message);
  if (answered === undefined) return { key };
  const about = await firstPiece(records, answered);
  const quoted = item.message.context?.id === undefined ? undefined : await quotedText(context, key, about);
  return { key, about, ...(quoted !== undefined && { quoted }) };
}

/** The message that this one answers, reacts to, changes or takes back. */
function aboutOf(message: Extract<Item, { is: 'message' }>['message']): string | undefined {
  const object = message[message.type];
  const named = typeof object === 'object' && object !== null ? (object as { message_id?: unknown; original_message_id?: unknown }) : {};
  const id = named.message_id ?? named.original_message_id ?? message.context?.id;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** WhatsApp names a quoted message by its id alone. */
async function quotedText({ history, settings }: UnpackParts['context'], key: string, id: string): Promise<string | undefined> {
  const found = (await history.messages(threadOf(settings, key), { limit: looksBack })).find(({ externalId }) => externalId === id);
  if (!found || found.deleted) return undefined;
  const text = found.text.length > quoteLength ? `${found.text.slice(0, quoteLength).replace(/[\ud800-\udbff]$/, '')}…` : found.text;
  const words = [text, ...found.files.map(({ name }) => `📎 ${name}`)].filter(Boolean).join('\n');
  return words === '' ? undefined : `${found.author || '…'}: ${words}`;
}
