import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { InboundEvent, Json } from '../../src/kit/index.ts';
import { dueAt } from './reconcile.ts';
import { column, readCsv, unpackReport } from './table.ts';
import { type TestAccount, testAccount } from './test-account.ts';

const maria = { id: 'maria', name: 'Maria Souza' };
const hour = 3_600_000;

const open: TestAccount[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** Polls until nothing more is to be done now, as the core does. */
async function looking(reconcile: { readonly [key: string]: Json } = {}) {
  const at = await testAccount({ settings: { reconcile: { everyHours: 24, ...reconcile } } });
  open.push(at);
  const intake = at.channel.intake.find((one) => one.via === 'poll');
  if (intake?.via !== 'poll') throw new Error('there is no poll');
  let cursor: string | undefined;
  const look = async (): Promise<readonly InboundEvent[]> => {
    const events: InboundEvent[] = [];
    for (let before: string | undefined; before !== cursor || cursor === undefined; ) {
      before = cursor;
      const round = await intake.poll(cursor);
      for (const payload of round.payloads) events.push(...(await at.read(payload)));
      cursor = round.cursor;
      // A report that is not ready leaves the cursor as it is.
      if (before === cursor && (JSON.parse(cursor) as { report: string | null }).report !== null) cursor = (await intake.poll(cursor)).cursor;
    }
    return events;
  };
  return { ...at, look };
}

describe('the nightly look', () => {
  it('brings a chat whose every webhook was lost, in order, with its end', async () => {
    const at = await looking();
    await at.look();
    at.account.webhooks.chance('lose', 1);
    for (const text of ['oi', 'a catraca não libera']) {
      at.clock.advance(60_000);
      await at.account.write({ conversation: 'c', person: maria, text });
    }
    at.clock.advance(60_000);
    await at.account.end('c', maria);
    at.clock.advance(25 * hour);
    const events = await at.look();
    expect(events.map((event) => (event.type === 'message' ? event.text : event.type))).toEqual(['oi', 'a catraca não libera', 'ended']);
    expect(new Set(events.map(({ thread }) => thread)).size).toBe(1);
    at.clock.advance(25 * hour);
    expect(await at.look()).toEqual([]);
  });

  it('brings lost messages of a chat that goes on, and reads nothing of one whose end was heard', async () => {
    const at = await looking();
    await at.look();
    at.clock.advance(hour);
    await at.account.write({ conversation: 'over', person: maria, text: 'oi' });
    at.clock.advance(1000);
    await at.account.end('over', maria);
    await at.account.settled();
    at.account.webhooks.chance('lose', 1);
    await at.account.write({ conversation: 'open', person: { id: 'carlos', name: 'Carlos' }, text: 'entra gente sem pagar' });
    at.clock.advance(25 * hour);
    expect(await at.look()).toMatchObject([{ type: 'message', text: 'entra gente sem pagar' }]);
    const over = at.account.conversation('over', maria).id;
    expect(at.account.dials.calls.filter(({ path }) => path.includes(over))).toEqual([]);
  });

  it('asks again an hour after a report failed, and misses nothing by it', async () => {
    const at = await looking();
    await at.look();
    at.account.webhooks.chance('lose', 1);
    await at.account.write({ conversation: 'c', person: maria, text: 'oi' });
    at.account.account.failingReports = true;
    at.clock.advance(25 * hour);
    expect(await at.look()).toEqual([]);
    at.account.account.failingReports = false;
    expect(await at.look()).toEqual([]);
    at.clock.advance(hour + 1);
    expect(await at.look()).toMatchObject([{ type: 'message', text: 'oi' }]);
  });

  it('names the columns that there are where the configured one is missing', async () => {
    const at = await looking({ conversationColumn: 'chat' });
    await at.look();
    await at.account.write({ conversation: 'c', person: maria, text: 'oi' });
    at.clock.advance(25 * hour);
    await expect(at.look()).rejects.toThrow(/no column "chat" \(reconcile.conversationColumn\); its columns are Conversation ID/);
  });

  it('asks for a long stretch in parts', async () => {
    const at = await looking({ maxDays: 1, events: ['Message-Sent'] });
    await at.look();
    at.clock.advance(60 * hour);
    await at.look();
    expect(at.account.dials.calls.filter(({ method, path }) => method === 'POST' && path === '/v2/reports/raw')).toHaveLength(2);
  });

  it('begins at its hour in its zone, also where the clock is put forward', () => {
    const due = (from: string, zone: string) => new Date(dueAt(Date.parse(from), { everyHours: undefined, hour: 3, zone })).toISOString();
    expect(due('2026-11-19T12:00:00Z', 'America/Sao_Paulo')).toBe('2026-11-20T06:00:00.000Z');
    expect(due('2026-11-19T05:00:00Z', 'America/Sao_Paulo')).toBe('2026-11-19T06:00:00.000Z');
    expect(due('2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T01:00:00.000Z');
  });
});

describe('a report', () => {
  const csv = 'a,"b ""c"""\r\n"1,\n2",x\n';

  /** One entry, as small programs write it: sizes in the directory alone. */
  function zip(text: string, method: 0 | 8): Buffer {
    const data = method === 8 ? deflateRawSync(text) : Buffer.from(text);
    const header = Buffer.alloc(31);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(1, 26);
    header.write('r', 30);
    const entry = Buffer.alloc(47);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt16LE(1, 28);
    entry.write('r', 46);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(header.length + data.length, 16);
    return Buffer.concat([header, data, entry, end]);
  }

  it('is read as text, gzipped, or out of an archive', () => {
    for (const bytes of [Buffer.from(csv), gzipSync(csv), zip(csv, 0), zip(csv, 8)]) expect(unpackReport(bytes)).toEqual([csv]);
    expect(unpackReport(Buffer.from('PK,conversation_id\n'))).toEqual(['PK,conversation_id\n']);
    expect(() => unpackReport(zip(csv, 8).subarray(0, 60))).toThrow('ZIP');
    expect(() => unpackReport(gzipSync(csv).subarray(0, 15))).toThrow('no archive');
  });

  it('has cells with commas, quotes and line ends, and comes back as it was written', () => {
    expect(readCsv(csv)).toEqual([
      ['a', 'b "c"'],
      ['1,\n2', 'x'],
    ]);
    const rows = fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 4 }), { minLength: 1 });
    fc.assert(
      fc.property(rows, (written) => {
        const text = written.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n');
        expect(readCsv(text)).toEqual(written);
      }),
    );
  });

  it('finds its column whatever way it is spelt', () => {
    expect(
      column(
        [
          ['Time', 'Conversation ID'],
          ['1', 'c1'],
          ['2', ''],
        ],
        'conversation_id',
        'It',
      ),
    ).toEqual(['c1']);
    expect(column([], 'conversation_id', 'It')).toEqual([]);
  });
});
