/** The `History` port of one channel: what its customers may see of their own conversations. */
import type { History, PublicHistoryMessage } from '../kit/index.ts';
import type { Store } from '../store/store.ts';

const defaultLimit = 200;

export function createHistory(store: Store, channel: string): History & { close(): void } {
  const watchers = new Map<string, Set<() => void>>();
  const threads = new Map<string, string>();

  /** A conversation's thread never changes, so each is looked up once. */
  async function threadOf(conversation: string): Promise<string | undefined> {
    const known = threads.get(conversation);
    if (known !== undefined) return known;
    const row = await store.read.selectFrom('conversations').select(['thread', 'channel']).where('id', '=', conversation).executeTakeFirst();
    if (row?.channel !== channel) return undefined;
    if (threads.size > 10_000) threads.clear();
    threads.set(conversation, row.thread);
    return row.thread;
  }

  async function wake(conversation: string): Promise<void> {
    const thread = await threadOf(conversation);
    for (const changed of watchers.get(thread ?? '') ?? []) changed();
  }

  const close = store.onCommit((events) => {
    if (watchers.size === 0) return;
    for (const { kind, subject } of events) if (kind === 'conversation') void wake(subject).catch((error: Error) => process.emitWarning(error));
  });

  return {
    close,
    messages: (thread, options = {}) => publicMessages(store, channel, thread, options),
    watch(thread, changed) {
      const set = watchers.get(thread) ?? new Set();
      watchers.set(thread, set.add(changed));
      return () => {
        set.delete(changed);
        if (set.size === 0 && watchers.get(thread) === set) watchers.delete(thread);
      };
    },
  };
}

/** Internal messages are left out by the query itself; a reply of ours shows once it is sent. */
async function publicMessages(
  store: Store,
  channel: string,
  thread: string,
  options: { after?: string; limit?: number },
): Promise<readonly PublicHistoryMessage[]> {
  const rows = await store.read
    .selectFrom('messages')
    .innerJoin('conversations', 'conversations.id', 'messages.conversation_id')
    .select(['messages.id', 'external_id', 'at', 'author_role', 'author_name', 'text', 'deleted_at'])
    .where('conversations.channel', '=', channel)
    .where('conversations.thread', '=', thread)
    .where('messages.kind', '=', 'public')
    .where('messages.sending', 'in', ['received', 'sent'])
    .orderBy('at')
    .orderBy('vendor_order')
    .orderBy('arrived_at')
    .orderBy('messages.id')
    .execute();
  const from = options.after === undefined ? -1 : rows.findIndex(({ id }) => id === options.after);
  const limit = options.limit ?? defaultLimit;
  const shown = from >= 0 ? rows.slice(from + 1, from + 1 + limit) : rows.slice(-limit);
  const files = await filesOf(
    store,
    shown.map(({ id }) => id),
  );
  return shown.map((row) => ({
    id: row.id,
    externalId: row.external_id,
    at: row.at,
    from: row.author_role,
    author: row.author_name,
    text: row.text,
    deleted: row.deleted_at !== null,
    files: row.deleted_at === null ? (files.get(row.id) ?? []) : [],
  }));
}

async function filesOf(store: Store, messages: readonly string[]): Promise<Map<string, PublicHistoryMessage['files'][number][]>> {
  const files = new Map<string, PublicHistoryMessage['files'][number][]>();
  if (messages.length === 0) return files;
  const rows = await store.read
    .selectFrom('attachments')
    .select(['message_id', 'media_id', 'name', 'mime', 'size', 'sha256'])
    .where('message_id', 'in', messages)
    .orderBy('id')
    .execute();
  for (const { message_id, media_id, name, mime, size, sha256 } of rows)
    files.set(message_id, [...(files.get(message_id) ?? []), { id: media_id, name, mime, size, blob: sha256 }]);
  return files;
}
