import { randomUUID } from 'node:crypto';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quiet } from '../../test/support/context.ts';
import { openPlace, type Place } from '../../test/support/deliveries.ts';
import { listen } from '../kit/simulator.ts';
import { fileRoutes } from './files.ts';
import { answerProblems } from './problem.ts';
import { mount } from './route.ts';

let place: Place;
let server: { url: string; close(): Promise<void> };
beforeAll(async () => {
  place = await openPlace();
  const app = express();
  const ana = { id: 'ana', name: 'Ana', email: null, role: 'agent', locale: 'en', teams: [], by: 'token' } as const;
  mount(app, fileRoutes({ store: place.store, now: place.clock.now }), { authenticate: async () => ana });
  app.use(answerProblems(quiet));
  server = await listen(app);
});
afterAll(async () => {
  await server.close();
  await place.close();
});

describe('a file that could not be had', () => {
  it('is fetched once more when an agent asks, and one that is here stays', async () => {
    const { id: conversation, message } = await place.conversation();
    const row = (id: string, state: 'failed' | 'stored') => ({
      id,
      message_id: message,
      media_id: id,
      name: id,
      mime: 'image/png',
      state,
      sha256: state === 'stored' ? 'a'.repeat(64) : null,
      ref: '{}',
      decoration: 0 as const,
      attempts: 14,
      next_at: 0,
      error: 'gone',
    });
    const [failed, stored] = [randomUUID(), randomUUID()];
    await place.store.write((tx) =>
      tx
        .insertInto('attachments')
        .values([row(failed, 'failed'), row(stored, 'stored')])
        .execute(),
    );
    const ask = async (file: string, of = message) => (await fetch(`${server.url}/api/messages/${of}/files/${file}/retry`, { method: 'POST' })).status;
    const version = async () =>
      (await place.store.read.selectFrom('conversations').select('version').where('id', '=', conversation).executeTakeFirstOrThrow()).version;
    const before = await version();
    expect([await ask(failed), await ask(failed), await ask(stored), await ask(randomUUID()), await ask(failed, randomUUID())]).toEqual([
      204, 204, 204, 404, 404,
    ]);
    const rows = await place.store.read.selectFrom('attachments').select(['id', 'state', 'attempts', 'next_at']).where('message_id', '=', message).execute();
    expect(rows.find(({ id }) => id === failed)).toMatchObject({ state: 'waiting', attempts: 0, next_at: place.clock.now() });
    expect(rows.find(({ id }) => id === stored)).toMatchObject({ state: 'stored', attempts: 14 });
    expect(await version()).toBe(before + 1);
  });
});

describe('a mail as a document', () => {
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

  async function mail(html: string, files: readonly { inline: string; mime: string; bytes: Buffer }[]): Promise<Response> {
    const { message } = await place.conversation();
    const stored = await Promise.all(files.map(async (file) => ({ ...file, ...(await place.store.blobs.put(file.bytes)) })));
    await place.store.write(async (tx) => {
      await tx.updateTable('messages').set({ html }).where('id', '=', message).execute();
      for (const { inline, mime, sha256, size } of stored)
        await tx
          .insertInto('attachments')
          .values({
            id: randomUUID(),
            message_id: message,
            media_id: inline,
            name: inline,
            mime,
            size,
            sha256,
            state: 'stored',
            ref: '{}',
            inline_id: inline,
            decoration: 0,
            attempts: 0,
            next_at: 0,
          })
          .execute();
    });
    return fetch(`${server.url}/api/messages/${message}/html`);
  }

  it('carries its pictures within itself: a frame without an origin could fetch none of them', async () => {
    const shown = await mail('<p>See <img src="cid:photo@x" width="40"> and <img src="https://tracker.example/p.gif"></p>', [
      { inline: 'photo@x', mime: 'image/png', bytes: png },
    ]);
    expect(await shown.text()).toContain(`<img alt="" src="data:image/png;base64,${png.toString('base64')}" width="40"`);
    expect(shown.headers.get('content-security-policy')).toMatch(/img-src data:;/);
    expect(shown.headers.get('x-blocked-images')).toBe('1');
  });

  it('shows no picture that could be more than a picture', async () => {
    const shown = await mail('<img src="cid:logo@x">', [{ inline: 'logo@x', mime: 'image/svg+xml', bytes: Buffer.from('<svg onload="alert(1)"/>') }]);
    expect(await shown.text()).not.toMatch(/src=|svg/);
  });
});
