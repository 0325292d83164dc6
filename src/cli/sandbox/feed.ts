/** Brings the demo day's conversations in as people would: each writes to the desk by way of its vendor. */
import { setTimeout as wait } from 'node:timers/promises';
import type { SimulatedFile } from '../../kit/simulator.ts';
import type { DemoConversation } from './demo-day.ts';
import type { Vendors } from './vendors.ts';

/** The channel with a page of its own on which anybody can write. */
export const widgetChannel = 'widget-site';

type DemoMessage = DemoConversation['messages'][number];

/** The vendor's conversation. Number 5 goes on in the thread of number 4. */
const chatOf = ({ number, follows }: DemoConversation): string => `demo-${follows ?? number}`;

/** A few bytes that begin as files of their kind do; nobody listens to made-up audio. */
const beginnings: Readonly<Record<string, string>> = {
  'audio/ogg': '4f676753',
  'image/jpeg': 'ffd8ffe0',
  'image/png': '89504e470d0a1a0a',
  'application/pdf': '255044462d312e340a',
};

const fileOf = ({ name, mime, seconds }: DemoMessage['files'][number]): SimulatedFile => ({
  name,
  mime,
  bytes: Buffer.concat([Buffer.from(beginnings[mime] ?? '', 'hex'), Buffer.from(`${name}, made up for the sandbox`)]),
  ...(seconds === undefined ? {} : { seconds }),
});

export interface Door {
  /** Address of the product. */
  readonly url: string;
  /** An API token. */
  readonly token: string;
}

export async function call<T>({ url, token }: Door, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

interface Row {
  readonly id: string;
  readonly lastText: string;
}

/** Where the vendor gives agents no screen, they answer in Deskbridge. */
async function answer(door: Door, conversation: DemoConversation, before: string, text: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { items } = await call<{ items: Row[] }>(door, 'GET', `/api/conversations?view=open&limit=100&channel=${conversation.channel}`);
    const found = items.find(({ lastText }) => lastText.includes(before.slice(0, 100)));
    if (found) return void (await call(door, 'POST', `/api/conversations/${found.id}/messages`, { id: crypto.randomUUID(), kind: 'public', text }));
    await wait(100);
  }
  throw new Error(`conversation ${conversation.number} did not arrive`);
}

/** Resolves once the vendors hold it all; they tell Deskbridge in their own time. `only` picks messages by their ids; else those that come late are left out. */
export async function feed(
  door: Door,
  { accounts }: Pick<Vendors, 'accounts'>,
  conversation: DemoConversation,
  now = Date.now(),
  only?: readonly string[],
): Promise<void> {
  const account = accounts.get(conversation.channel);
  if (!account) throw new Error(`nobody plays ${conversation.channel}`);
  const { person, subject } = conversation;
  let before = '';
  for (const { id, ago, text, agent, files, late } of conversation.messages) {
    if (only ? !only.includes(id) : late) continue;
    if (agent && account.agents === false) await answer(door, conversation, before, text);
    else await account.write({ conversation: chatOf(conversation), person, text, at: now - ago * 60_000, files: files.map(fileOf), agent, subject });
    before = text;
  }
  if (conversation.ended !== undefined && !only) await account.end?.(chatOf(conversation), person, now - conversation.ended * 60_000);
}

/** Conversations that come only after another was ended, and what comes late in one; each with the messages that are late. */
export const lateOnes = (
  conversations: readonly DemoConversation[],
): readonly { readonly conversation: DemoConversation; readonly messages: readonly string[] }[] =>
  conversations.flatMap((conversation) => {
    const messages = conversation.messages.filter(({ late }) => late || conversation.follows !== undefined).map(({ id }) => id);
    return messages.length ? [{ conversation, messages }] : [];
  });
