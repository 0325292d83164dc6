/** A connector's context made of memory, for tests beside connectors. Every part can be replaced. */
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { v7 } from 'uuid';
import { noPorts } from '../../src/config/ports.ts';
import { createStep, type Journal, type StepRecord } from '../../src/delivery/steps.ts';
import { type Blobs, ConnectorError, type Context, createHttp, type Json, type Log, type Records, type Step } from '../../src/kit/index.ts';

export interface TestClock {
  now: () => number;
  set(at: number): void;
  advance(ms: number): void;
}

export function testClock(start = Date.parse('2026-11-19T12:00:00Z')): TestClock {
  let at = start;
  return {
    now: () => at,
    set(to) {
      at = to;
    },
    advance(ms) {
      at += ms;
    },
  };
}

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

export function memoryBlobs(): Blobs {
  const held = new Map<string, Buffer>();
  const need = (sha256: string): Buffer => {
    const bytes = held.get(sha256);
    if (!bytes) throw new ConnectorError('not-found', `no blob ${sha256}`);
    return bytes;
  };
  return {
    async put(source, options) {
      const bytes = source instanceof Uint8Array ? Buffer.from(source) : await buffer(source);
      if (bytes.length > (options?.maxBytes ?? 50 * 2 ** 20)) throw new ConnectorError('too-large', 'the file is too large');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      held.set(sha256, bytes);
      return { sha256, size: bytes.length };
    },
    open: async (sha256) => Readable.from([need(sha256)]),
    read: async (sha256) => need(sha256),
  };
}

export function memoryRecords(): Records {
  const rows = new Map<string, { collection: string; key: string; index: string | undefined; sort: string; value: Json }>();
  const counters = new Map<string, number>();
  const place = (collection: string, key: string): string => `${collection}\n${key}`;
  return {
    get: async <T extends Json>(collection: string, key: string) => rows.get(place(collection, key))?.value as T | undefined,
    async list<T extends Json>(collection: string, query: { index?: string; after?: string; limit?: number } = {}) {
      return [...rows.values()]
        .filter(
          (row) =>
            row.collection === collection && (query.index === undefined || row.index === query.index) && (query.after === undefined || row.sort < query.after),
        )
        .sort((a, b) => (a.sort < b.sort ? 1 : -1))
        .slice(0, query.limit ?? 100)
        .map(({ key, sort, value }) => ({ key, sort, value: value as T }));
    },
    async insert(collection, key, value, at = {}) {
      if (rows.has(place(collection, key))) return false;
      rows.set(place(collection, key), { collection, key, index: at.index, sort: at.sort ?? key, value: structuredClone(value) as Json });
      return true;
    },
    async update<T extends Json>(collection: string, key: string, change: (value: T) => T, at: { index?: string; sort?: string } = {}) {
      const row = rows.get(place(collection, key));
      if (!row) return undefined;
      const value = change(structuredClone(row.value) as T);
      rows.set(place(collection, key), { ...row, value, index: at.index ?? row.index, sort: at.sort ?? row.sort });
      return value;
    },
    delete: async (collection, key) => rows.delete(place(collection, key)),
    async next(counter) {
      const value = (counters.get(counter) ?? 0) + 1;
      counters.set(counter, value);
      return value;
    },
  };
}

export function testContext<S>(settings: S, parts: Partial<Context<S>> = {}): Context<S> {
  return {
    name: 'under-test',
    settings,
    http: createHttp({ egress: { allow: ['127.0.0.0/8', '::1/128'] }, timeoutMs: 2000 }),
    log: quiet,
    now: Date.now,
    id: () => v7(),
    blobs: memoryBlobs(),
    records: memoryRecords(),
    budget: () => {},
    history: { messages: async () => [], watch: () => () => {} },
    live: noPorts.live(),
    closings: noPorts.closings(),
    folder: () => mkdtempSync(join(tmpdir(), 'deskbridge-connector-')),
    publicUrl: 'http://localhost:3000',
    ...parts,
  };
}

/** A journal that outlives "crashes": make a new step over the same journal to restart. */
export function memoryJournal(): Journal & { records: Map<string, StepRecord> } {
  const records = new Map<string, StepRecord>();
  return {
    records,
    load: async (name) => structuredClone(records.get(name)),
    save: async (name, record) => void records.set(name, structuredClone(record)),
  };
}

export const testStep = (journal: Journal = memoryJournal(), now: () => number = Date.now): Step => createStep(journal, { now });
