/** Replies on their way to the server: shown at once, kept until it has them, sent again with the same id. */
import { useMemo, useSyncExternalStore } from 'react';
import type { ConversationDetail, MessageView, ReplyRequest } from '../../api/contract.ts';
import { call } from '../api/client.ts';
import { conversationQuery } from '../api/queries.ts';
import { client } from '../app/client.ts';

export interface Outgoing {
  readonly conversation: string;
  readonly reply: ReplyRequest;
  readonly at: number;
  readonly state: 'sending' | 'failed';
  readonly error: unknown;
}

const storageKey = 'deskbridge-outbox';

function read(): readonly Outgoing[] {
  try {
    const stored = JSON.parse(sessionStorage.getItem(storageKey) ?? '[]') as readonly Outgoing[];
    // A reload may have cut the answer off: sending again with the same id is safe.
    return stored.map((one) => ({ ...one, state: 'failed' as const, error: undefined }));
  } catch {
    return [];
  }
}
let outbox = read();
const listeners = new Set<() => void>();
function change(next: readonly Outgoing[]): void {
  outbox = next;
  sessionStorage.setItem(storageKey, JSON.stringify(outbox));
  for (const listener of listeners) listener();
}
const replace = (id: string, next: Partial<Outgoing>): void => change(outbox.map((one) => (one.reply.id === id ? { ...one, ...next } : one)));

function arrived(conversation: string, message: MessageView): void {
  client.setQueryData(conversationQuery(conversation).queryKey, (old: ConversationDetail | undefined) =>
    old && !old.messageList.some(({ id }) => id === message.id) ? { ...old, messageList: [...old.messageList, message] } : old,
  );
  void client.invalidateQueries({ queryKey: ['conversation', conversation] });
  void client.invalidateQueries({ queryKey: ['conversations'] });
}

async function post(conversation: string, reply: ReplyRequest): Promise<void> {
  try {
    const message = await call<MessageView>('POST', `/conversations/${conversation}/messages`, { body: reply });
    arrived(conversation, message);
    change(outbox.filter((one) => one.reply.id !== reply.id));
  } catch (error) {
    replace(reply.id, { state: 'failed', error });
  }
}

export function send(conversation: string, reply: ReplyRequest): void {
  change([...outbox, { conversation, reply, at: Date.now(), state: 'sending', error: undefined }]);
  void post(conversation, reply);
}

export function sendAgain(id: string): void {
  const one = outbox.find(({ reply }) => reply.id === id);
  if (!one || one.state === 'sending') return;
  replace(id, { state: 'sending', error: undefined });
  void post(one.conversation, one.reply);
}

export const discard = (id: string): void => change(outbox.filter(({ reply }) => reply.id !== id));

export function useOutbox(conversation: string): readonly Outgoing[] {
  const all = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => outbox,
  );
  return useMemo(() => all.filter((one) => one.conversation === conversation), [all, conversation]);
}
