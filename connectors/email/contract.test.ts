/** The contract of every channel, kept by e-mail: its payloads name raw mails in blobs. */
import { readdirSync, readFileSync } from 'node:fs';
import { describeChannel } from '../../test/contract/channel.ts';
import { memoryBlobs, testContext } from '../../test/support/context.ts';
import { testSettings } from './fixtures.ts';
import email from './index.ts';

const folder = new URL('./fixtures/', import.meta.url);
const mails = readdirSync(folder).filter((name) => name.endsWith('.eml'));

describeChannel({
  definition: email,
  async make() {
    const blobs = memoryBlobs();
    for (const name of mails) await blobs.put(readFileSync(new URL(name, folder)));
    return email.create(testContext(testSettings(), { blobs }));
  },
  fixtures: new URL('./fixtures/payloads/', import.meta.url),
  unknown: [null, 'From: x', {}, { blob: 'not there', uid: 1, uidValidity: '1', mailbox: 'INBOX', internalDate: null, size: 1 }, { blob: 7 }],
});
