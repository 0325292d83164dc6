/** For tests: the sample mails beside this file, and what becomes of a mail on its way through the channel. */
import { readFileSync } from 'node:fs';
import { arrival, type Blobs, fetchedByUs, type InboundEvent, type Json, type MessageEvent } from '../../src/kit/index.ts';
import { memoryBlobs, testContext } from '../../test/support/context.ts';
import channel from './index.ts';
import { settings } from './settings.ts';

export const arrivedAt = Date.parse('2026-11-19T13:30:00Z');

export const testSettings = (change: object = {}) =>
  settings.parse({
    address: 'suporte@academia.example',
    name: 'Suporte Academia',
    imap: { host: 'imap.academia.example', user: 'suporte', password: 'imap secret' },
    smtp: { host: 'smtp.academia.example', user: 'suporte', password: 'smtp secret' },
    trustedAuthServ: 'mx.academia.example',
    ...change,
  });

export const sample = (name: string): Buffer => readFileSync(new URL(`./fixtures/${name}.eml`, import.meta.url));

/** Unpacks and normalizes a raw mail as intake does. */
export async function eventsOf(raw: string | Buffer, options: { blobs?: Blobs; settings?: object; payload?: object } = {}): Promise<readonly InboundEvent[]> {
  const blobs = options.blobs ?? memoryBlobs();
  const instance = channel.create(testContext(testSettings(options.settings), { blobs }));
  const { sha256, size } = await blobs.put(Buffer.from(raw));
  const payload: Json = { blob: sha256, uid: 7, uidValidity: '1', mailbox: 'INBOX', internalDate: arrivedAt, size, ...options.payload };
  const unpacked = await instance.unpack?.(arrival(fetchedByUs(), payload, arrivedAt + 1000));
  if (!unpacked) throw new Error('this channel unpacks');
  // What is between unpack and normalize must survive being stored.
  return instance.normalize({ ...unpacked, payload: JSON.parse(JSON.stringify(unpacked.payload)) });
}

export async function messageOf(raw: string | Buffer, options: Parameters<typeof eventsOf>[1] = {}): Promise<MessageEvent> {
  const [event, ...more] = await eventsOf(raw, options);
  // A report of a failure also says what became of our own mail.
  if (event?.type !== 'message' || more.some(({ type }) => type !== 'receipt')) throw new Error('one mail is one message');
  return event;
}
