/**
 * The floor of durable intake, written by hand: node:http, an HMAC check on the raw bytes, one prepared insert, group commit. Nobody who checks a
 * signature and answers after the commit on the same database settings can do much less than this.
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { serve } from './processes.ts';

const key = createSecretKey(Buffer.from((process.argv[2] ?? '').replace(/^whsec_/, ''), 'base64'));
const folder = mkdtempSync(join(tmpdir(), 'deskbridge-floor-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const db = new Sqlite(join(folder, 'floor.sqlite'));
// As src/store/sqlite.ts opens its writer.
for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'cache_size = -64000', 'wal_autocheckpoint = 8000']) db.pragma(pragma);
db.exec('CREATE TABLE arrivals (id TEXT PRIMARY KEY, received_at INTEGER NOT NULL, payload TEXT NOT NULL) WITHOUT ROWID');
const insert = db.prepare('INSERT INTO arrivals (id, received_at, payload) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');

interface Waiting {
  readonly id: string;
  readonly payload: string;
  readonly response: ServerResponse;
}
let waiting: Waiting[] = [];

function flush(): void {
  const batch = waiting;
  waiting = [];
  db.exec('BEGIN IMMEDIATE');
  for (const { id, payload } of batch) insert.run(id, Date.now(), payload);
  db.exec('COMMIT');
  for (const { response } of batch) response.writeHead(202, { 'content-type': 'application/json', 'content-length': 19 }).end('{"state":"stored"} ');
}

function signed({ headers }: IncomingMessage, body: Buffer): boolean {
  const timestamp = Number(headers['webhook-timestamp']);
  if (!(Math.abs(Date.now() / 1000 - timestamp) <= 300)) return false;
  const given = Buffer.from(String(headers['webhook-signature']).slice(3), 'base64');
  const made = createHmac('sha256', key).update(`${headers['webhook-id']}.${timestamp}.`).update(body).digest();
  return given.length === made.length && timingSafeEqual(given, made);
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    if (!signed(request, body)) return void response.writeHead(401, { 'content-length': 0 }).end();
    if (waiting.push({ id: String(request.headers['webhook-id']), payload: body.toString('utf8'), response }) === 1) setImmediate(flush);
  });
});
server.listen(0, '127.0.0.1', () => serve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }, () => ({})));
