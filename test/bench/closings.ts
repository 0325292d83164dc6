/** Closings a second: committed ahead while the helpdesk refuses, then released; against bare axios posts to the same server, in turns. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { type Api, createApi } from './api.ts';
import { mapping, partOf, webhookChannel, zendeskAt } from './desk-setup.ts';
import type { PostOrder } from './floor-posts.ts';
import type { LoadOrder, LoadReport } from './load.ts';
import { newSecret } from './messages.ts';
import { type Peer, startPeer } from './processes.ts';
import { type Product, startProduct } from './product.ts';
import { ratios, type Spread, spread } from './statistics.ts';
import type { WireOrder, WireReport } from './wire-helpdesk.ts';

export interface ClosingFigures {
  readonly delayMs: number;
  readonly posts: Spread;
  readonly product: Spread;
  readonly ratio: Spread;
}

export interface ClosingReport {
  readonly rows: readonly ClosingFigures[];
  readonly residentMbAfterLoad: number;
}

export interface ClosingEffort {
  readonly rounds: number;
  /** Closings of a round, by the delay of the helpdesk. */
  readonly closings: Readonly<Record<number, number>>;
}

/** Deliveries that the product has in flight at one helpdesk. */
const inFlight = 8;
const patienceMs = 60_000;

interface Bench {
  readonly product: Product;
  readonly api: Api;
  readonly secret: string;
  readonly wire: Peer & { readonly hello: { url: string } };
  readonly posts: Peer;
  readonly load: Peer;
  readonly database: Sqlite.Database;
}

/** Conversations of one message each, then their closings: all stand in the deliveries table before the helpdesk takes the first. */
async function commitAhead(bench: Bench, run: string, count: number): Promise<void> {
  const order: LoadOrder = { url: `${bench.product.url}/hooks/bench`, secret: bench.secret, run, connections: 10, seconds: 30, most: count, alone: true };
  const { acknowledged } = await bench.load.ask<LoadReport>(order);
  if (acknowledged !== count) throw new Error(`${acknowledged} of ${count} messages were acknowledged`);
  const rows = bench.database
    .prepare(`SELECT m.id, m.conversation_id AS conversation FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.state = 'open'`)
    .all() as { id: string; conversation: string }[];
  const left = [...rows];
  const work = async (): Promise<void> => {
    for (let row = left.pop(); row; row = left.pop()) await bench.api.commit(row.conversation, { covers: row.id, parts: [partOf('all', [row.id])] });
  };
  await Promise.all(Array.from({ length: 6 }, work));
}

async function released(bench: Bench, delayMs: number, count: number): Promise<number> {
  const done = bench.database.prepare(`SELECT count(*) AS done FROM deliveries WHERE state = 'done'`).pluck();
  const before = Number(done.get());
  const until = Date.now() + patienceMs;
  await bench.wire.ask<WireReport>({ open: true, delayMs } satisfies WireOrder);
  while (Number(done.get()) < before + count) {
    if (Date.now() > until) throw new Error(`only ${Number(done.get()) - before} of ${count} closings were done within a minute`);
    await wait(10);
  }
  const at = Date.now();
  const { firstAt } = await bench.wire.ask<WireReport>({ open: false } satisfies WireOrder);
  return count / ((at - firstAt) / 1000);
}

async function floor(bench: Bench, delayMs: number, count: number): Promise<number> {
  await bench.wire.ask<WireReport>({ open: true, delayMs } satisfies WireOrder);
  const { perSecond } = await bench.posts.ask<{ perSecond: number }>({ url: bench.wire.hello.url, count, inFlight } satisfies PostOrder);
  await bench.wire.ask<WireReport>({ open: false } satisfies WireOrder);
  return perSecond;
}

async function rounds(bench: Bench, effort: ClosingEffort, delayMs: number): Promise<ClosingFigures> {
  const count = effort.closings[delayMs] ?? 100;
  const posts: number[] = [];
  const product: number[] = [];
  for (let round = 0; round < effort.rounds; round += 1) {
    posts.push(await floor(bench, delayMs, count));
    await commitAhead(bench, randomUUID(), count);
    product.push(await released(bench, delayMs, count));
  }
  return { delayMs, posts: spread(posts), product: spread(product), ratio: ratios(product, posts) };
}

export async function measureClosings(effort: ClosingEffort, say: (what: string) => void): Promise<ClosingReport> {
  const secret = newSecret();
  const [wire, posts, load] = [await startPeer<{ url: string }>('wire-helpdesk.ts'), await startPeer('floor-posts.ts'), await startPeer('load.ts')];
  const product = await startProduct({ mapping, config: { channels: webhookChannel(secret), helpdesks: { zendesk: zendeskAt(wire.hello.url) } } });
  try {
    const bench: Bench = {
      product,
      secret,
      wire,
      posts,
      load,
      api: createApi(product.url, await product.token()),
      database: new Sqlite(product.database, { readonly: true }),
    };
    const warm = { rounds: 1, closings: { 0: 100 } };
    await rounds(bench, warm, 0);
    const rows: ClosingFigures[] = [];
    for (const delayMs of [0, 50]) {
      say(`closings at a helpdesk of ${delayMs} ms`);
      rows.push(await rounds(bench, effort, delayMs));
    }
    bench.database.close();
    return { rows, residentMbAfterLoad: product.residentMb() };
  } finally {
    await Promise.all([wire.stop(), posts.stop(), load.stop(), product.stop()]);
  }
}
