/** A file in two steps: its id leads to an address that lives five minutes, and the address to its bytes, which must be those that WhatsApp announced. "Media", Download. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import { z } from 'zod';
import { ConnectorError, type MediaRef } from '../../src/kit/index.ts';
import type { Client } from './client.ts';

const ref = z.looseObject({ id: z.string().min(1), sha256: z.string().optional(), url: z.string().optional() });

const gone = (error: unknown): boolean => error instanceof ConnectorError && error.code === 'not-found';
/** What an old address is answered with is not documented but for the 404. */
const oldAddress = (error: unknown): boolean =>
  error instanceof ConnectorError && error.status !== undefined && error.status >= 400 && error.status < 500 && error.status !== 429;

export async function download(client: Client, maxFileMb: number, media: MediaRef): Promise<Readable> {
  const parsed = ref.safeParse(media.ref);
  if (!parsed.success) throw new ConnectorError('not-found', 'The message names a file but not where it is');
  const { id, sha256, url } = parsed.data;
  const early = url === undefined ? undefined : await unlessOld(() => client.bytes(url));
  if (early) return verified(early, sha256);
  for (let again = false; ; again = true) {
    const info = await client.media(id).catch((error: unknown) => {
      throw gone(error) ? new ConnectorError('not-found', `WhatsApp has no file ${id} any more: it keeps files for seven days`) : error;
    });
    if (info.file_size !== undefined && info.file_size > maxFileMb * 2 ** 20)
      throw new ConnectorError('too-large', `The file has ${Math.ceil(info.file_size / 2 ** 20)} MB; this channel fetches up to ${maxFileMb}`);
    try {
      return verified(await client.bytes(info.url), info.sha256 ?? sha256);
    } catch (error) {
      if (again || !gone(error)) throw error;
    }
  }
}

async function unlessOld(fetch: () => Promise<Readable>): Promise<Readable | undefined> {
  try {
    return await fetch();
  } catch (error) {
    // An address on a host that we do not know is no reason to give up: its id may lead to one that we do.
    if (oldAddress(error) || (error instanceof ConnectorError && error.code === 'blocked')) return undefined;
    throw error;
  }
}

/** Hex has 64 characters; in practice it comes as base64. */
const digestOf = (text: string): Buffer => Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');

/** Ends with an error instead of the last byte when the bytes are others than announced, so that they are never stored. */
function verified(source: Readable, sha256: string | undefined): Readable {
  const expected = sha256 === undefined ? undefined : digestOf(sha256);
  if (expected?.length !== 32) return source;
  const hash = createHash('sha256');
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const good = timingSafeEqual(hash.digest(), expected);
      done(
        good ? null : new ConnectorError('not-understood', 'The file arrived damaged: its sha256 is not the one that WhatsApp announced', { retry: 'backoff' }),
      );
    },
  });
  return pipeline(source, check, () => {});
}
