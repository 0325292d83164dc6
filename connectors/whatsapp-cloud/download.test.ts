import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json, MediaRef } from '../../src/kit/index.ts';
import { addressOf, keep, sha256Of } from './simulator/media.ts';
import { type Account, openAccount } from './test-account.ts';

let account: Account;
beforeEach(async () => {
  account = await openAccount();
});
afterEach(() => account.server.close());

const bytes = Buffer.from('uma foto do erro E-07');
const photo = () => keep(account.simulator.state, { bytes, mime: 'image/jpeg', name: 'foto.jpg' }, 7);
const ref = (more: { [key: string]: Json }): MediaRef => ({ id: 'x', name: 'foto.jpg', ref: more });
const fetchOf = async (more: { [key: string]: Json }): Promise<Buffer> => {
  const stream = await account.channel.download?.(ref(more));
  if (!stream) throw new Error('no stream');
  return buffer(stream);
};
const paths = () => account.simulator.dials.calls.map(({ path }) => path);

describe('a file', () => {
  it('is fetched in two steps, by its id and with our number', async () => {
    const { id } = photo();
    expect(await fetchOf({ id })).toEqual(bytes);
    expect(paths()).toEqual([`/v25.0/${id}`, '/whatsapp_business/attachments/']);
    expect(account.simulator.dials.calls[0]?.query).toBe('?phone_number_id=106540352242922');
  });

  it('is fetched in one step, while the address of the webhook is fresh', async () => {
    const media = photo();
    expect(await fetchOf({ id: media.id, url: addressOf(account.simulator.state, media, account.server.url) })).toEqual(bytes);
    expect(paths()).toEqual(['/whatsapp_business/attachments/']);
  });

  it('is asked for by its id again, when the address is older than five minutes', async () => {
    const media = photo();
    const url = addressOf(account.simulator.state, media, account.server.url);
    account.clock.advance(5 * 60_000);
    expect(await fetchOf({ id: media.id, url })).toEqual(bytes);
  });

  it('gets one more address, when the one it was given answers 404', async () => {
    account.simulator.dials.set({ kind: 'answer', status: 404, type: 'text/plain', body: '' }, { path: /attachments/ });
    expect(await fetchOf({ id: photo().id })).toEqual(bytes);
    expect(paths()).toHaveLength(4);
  });

  it('is gone for good after seven days', async () => {
    const { id } = photo();
    account.clock.advance(7 * 24 * 3_600_000);
    await expect(fetchOf({ id })).rejects.toMatchObject({ code: 'not-found', retry: 'never', message: expect.stringMatching(/seven days/) });
  });

  it.each([['base64'], ['hex']] as const)('is checked against its sha256 in %s', async (encoding) => {
    const media = photo();
    const url = addressOf(account.simulator.state, media, account.server.url);
    expect(await fetchOf({ id: media.id, url, sha256: createHash('sha256').update(bytes).digest(encoding) })).toEqual(bytes);
    const other = createHash('sha256').update('another').digest(encoding);
    await expect(fetchOf({ id: media.id, url, sha256: other })).rejects.toMatchObject({ code: 'not-understood', retry: 'backoff' });
  });

  it('that arrives damaged is not taken, and is fetched again later', async () => {
    const media = photo();
    account.simulator.dials.set({ kind: 'answer', status: 200, type: 'image/jpeg', body: 'half of it' }, { path: /attachments/ });
    await expect(fetchOf({ id: media.id })).rejects.toMatchObject({ code: 'not-understood', retry: 'backoff' });
    expect(await fetchOf({ id: media.id, sha256: sha256Of(media) })).toEqual(bytes);
  });

  it('that is larger than ops allow is not begun', async () => {
    await account.server.close();
    account = await openAccount({ maxFileMb: 1 });
    const { id } = keep(account.simulator.state, { bytes: Buffer.alloc(2 ** 20 + 1), mime: 'video/mp4', name: 'v.mp4' }, 7);
    await expect(fetchOf({ id })).rejects.toMatchObject({ code: 'too-large' });
    expect(paths()).toHaveLength(1);
  });

  it('without an id is nowhere', async () => {
    await expect(fetchOf({})).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('the token', () => {
  let other: Server;
  const asked: (string | undefined)[] = [];
  let url = '';
  beforeEach(async () => {
    asked.length = 0;
    other = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.end(bytes);
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/stolen`;
  });
  afterEach(() => new Promise((resolve) => other.close(resolve)));

  it('does not go to a host that a webhook names and ops did not', async () => {
    expect(await fetchOf({ id: photo().id, url }), 'the id leads to the real one').toEqual(bytes);
    expect(asked).toEqual([]);
  });

  it('does not go to a host that an answer names and ops did not; the error names the host and not the token', async () => {
    const { id } = photo();
    const body = JSON.stringify({ url, mime_type: 'image/jpeg', sha256: 'x', file_size: 3, id });
    account.simulator.dials.set({ kind: 'answer', status: 200, type: 'application/json', body }, { path: new RegExp(`/${id}$`) });
    const error = await fetchOf({ id }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'blocked', retry: 'backoff', message: expect.stringMatching(/mediaHosts/) });
    expect(String(error)).toContain(new URL(url).host);
    expect(String(error)).not.toContain(account.context.settings.accessToken.reveal());
    expect(asked).toEqual([]);
  });

  it('goes to a host that ops named', async () => {
    await account.server.close();
    account = await openAccount({ mediaHosts: ['127.0.0.1'] });
    expect(await fetchOf({ id: photo().id, url })).toEqual(bytes);
    expect(asked).toEqual([`Bearer ${account.context.settings.accessToken.reveal()}`]);
  });

  it('does not follow an address onto another host', async () => {
    const { id } = photo();
    const moved = { kind: 'answer', status: 302, type: 'text/plain', body: '' } as const;
    account.simulator.dials.set(moved, { path: /attachments/ });
    await expect(fetchOf({ id })).rejects.toMatchObject({ code: 'not-understood' });
    expect(asked).toEqual([]);
  });
});
