/** Reads request bodies up to a limit. What is too large is read to its end and thrown away, so that the sender hears the answer. */
import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { ConnectorError } from '../kit/index.ts';

/** Past this many times the limit the connection is cut: nobody is owed that much reading. */
const patience = 8;

/** The whole body, or undefined when it is larger than `limit` bytes. Rejects when the sender goes away. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length']) > limit * patience) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    let ended = false;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks = [];
      if (size > limit * patience) resolve(undefined);
    });
    request.on('end', () => {
      ended = true;
      resolve(size > limit ? undefined : chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    request.on('error', reject);
    // Every request closes in the end, and making an error for each costs more than reading most bodies.
    request.on('close', () => (ended ? undefined : reject(new Error('the sender went away'))));
  });
}

/** The body as a stream that fails with `too-large` past `limit` bytes. The request itself stays whole, so that it can still be answered. */
export function limitedStream(request: IncomingMessage, limit: number): Transform {
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > limit) return done(new ConnectorError('too-large', `more than ${limit} bytes were sent`));
      return done(null, chunk);
    },
  });
  const cut = (error: Error): void => void stream.destroy(error);
  request.once('error', cut);
  request.once('close', () => (request.complete ? undefined : cut(new Error('the sender went away'))));
  stream.once('close', () => {
    request.unpipe(stream);
    request.resume();
  });
  request.pipe(stream);
  return stream;
}
