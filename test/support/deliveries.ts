/** A place to test deliveries in: a store in a folder of its own, one conversation, and engines that can be replaced as after a crash. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { createInProcessDispatch } from '../../src/delivery/dispatch/in-process.ts';
import { createEngine, type Engine, type EngineParts } from '../../src/delivery/engine.ts';
import { createGroup, type Group } from '../../src/delivery/group.ts';
import { insert } from '../../src/delivery/insert.ts';
import { type Channel, ConnectorError, type Helpdesk, type OpenOperation, type Operation } from '../../src/kit/index.ts';
import type { DeliveriesTable } from '../../src/store/schema.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { quiet, type TestClock, testClock } from './context.ts';

export interface Place {
  readonly store: Store;
  readonly group: Group;
  readonly clock: TestClock;
  readonly contact: string;
  /** A conversation with one message, open. */
  conversation(more?: { channel?: string; thread?: string }): Promise<{ id: string; channel: string; message: string }>;
  /** Rows as a commit writes them. */
  deliver(...rows: readonly (Partial<DeliveriesTable> & { operation: string; id: string })[]): Promise<void>;
  engine(targets: { helpdesks?: readonly (Helpdesk & { name: string })[]; channels?: Record<string, Channel> }, more?: Partial<EngineParts>): Engine;
  delivery(id: string): Promise<DeliveriesTable>;
  close(): Promise<void>;
}

const sqlite = (folder: string): Promise<Store> => openSqlite({ path: join(folder, 'db.sqlite'), blobsFolder: join(folder, 'blobs') });

export async function openPlace(open: (folder: string) => Promise<Store> = sqlite): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'deliveries-'));
  const store = await open(folder);
  const group = createGroup(store);
  const clock = testClock();
  const contact = v7();
  await store.write((tx) => tx.insertInto('contacts').values({ id: contact, name: 'Maria', created_at: 0, erased_at: null }).execute());
  const engines: Engine[] = [];
  return {
    store,
    group,
    clock,
    contact,
    async conversation({ channel = 'chat', thread = v7() } = {}) {
      const [id, message] = [v7(), v7()];
      await group.write(async (s) => {
        await insert(s, 'conversations', [conversationRow({ id, channel, thread, contact, at: clock.now() })]);
        await insert(s, 'messages', [messageRow({ id: message, conversation: id, channel, contact, at: clock.now() })]);
      });
      return { id, channel, message };
    },
    async deliver(...rows) {
      await group.write((s) =>
        insert(
          s,
          'deliveries',
          rows.map((row) => ({ ...deliveryDefaults(clock.now()), lane: row.id, ...row })),
        ),
      );
    },
    engine({ helpdesks = [], channels = {} }, more = {}) {
      const engine = createEngine({
        store,
        group,
        dispatch: createInProcessDispatch({ now: clock.now, pollMs: 60_000 }),
        helpdesks: new Map(helpdesks.map((helpdesk) => [helpdesk.name, helpdesk])),
        channels: new Map(Object.entries(channels)),
        log: quiet,
        now: clock.now,
        id: () => v7(),
        random: () => 0.5,
        meaning: () => undefined,
        ...more,
      });
      engines.push(engine);
      return engine;
    },
    delivery: (id) => store.read.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    async close() {
      await Promise.all(engines.map((engine) => engine.stop()));
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const deliveryDefaults = (now: number) =>
  ({
    closing_id: null,
    message_id: null,
    conversation_id: null,
    seq: 0,
    target_kind: 'helpdesk',
    target: 'desk-a',
    kind: 'open',
    revision: 1,
    after: '[]',
    state: 'waiting',
    due_at: now,
    first_at: null,
    attempts: 0,
    error: null,
    result: null,
    created_at: now,
    done_at: null,
    doubles: null,
    swept_at: null,
  }) as const;

const conversationRow = (made: { id: string; channel: string; thread: string; contact: string; at: number }) => ({
  id: made.id,
  channel: made.channel,
  thread: made.thread,
  state: 'open' as const,
  contact_id: made.contact,
  company_id: null,
  assignee_id: null,
  subject: null,
  reply_token: made.id,
  continues_id: null,
  ticket_hint: null,
  started_at: made.at,
  last_at: made.at,
  last_text: 'hello',
  message_count: 1,
  unread: 1,
  version: 1,
  ended_at: null,
  ended_by: null,
  filed_at: null,
  draft: '{"title":"a draft"}',
  ending_agent_id: null,
  ending_since: null,
});

export const messageRow = (made: { id: string; conversation: string; channel: string; contact: string; at: number }) => ({
  id: made.id,
  conversation_id: made.conversation,
  channel: made.channel,
  external_id: `x-${made.id}`,
  direction: 'in' as 'in' | 'out',
  kind: 'public' as 'public' | 'internal',
  author_role: 'contact' as 'contact' | 'agent',
  author_id: 'maria',
  author_name: 'Maria',
  contact_id: made.contact,
  at: made.at,
  vendor_order: '',
  arrived_at: made.at,
  text: 'hello',
  html: null,
  quoted: null,
  subject: null,
  automatic: null,
  sending: 'received' as 'received' | 'queued',
  edited_at: null,
  deleted_at: null,
  arrival_id: null,
});

/** An `open` operation with nothing special about it. */
export const openOperation = (id: string, more: Partial<OpenOperation> = {}): OpenOperation => ({
  id,
  revision: 1,
  kind: 'open',
  subject: 'Turnstile',
  description: { kind: 'public', blocks: [] },
  note: { kind: 'internal', blocks: [] },
  requester: { contact: 'c-1', name: 'Maria', identities: [] },
  values: {},
  files: [],
  ...more,
});

export const noteOperation = (id: string, helpdesk: string, ticket: string): Operation => ({
  id,
  revision: 1,
  kind: 'note',
  ticket: { helpdesk, id: ticket, number: ticket, url: `https://${helpdesk}.example/${ticket}` },
  note: { kind: 'internal', blocks: [] },
  files: [],
});

/** A channel whose sends a test scripts. */
export function scriptedChannel(send: Channel['send'], more: Partial<Channel> = {}): Channel {
  return {
    intake: [],
    normalize: () => [],
    send,
    health: async () => {
      throw new ConnectorError('unavailable', 'not part of this test');
    },
    ...more,
  };
}
