/** One HTTP exchange of a `routes` intake, as the kit promises it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Exchange, RawRequest } from '../kit/index.ts';
import { answer, answerJson } from './answer.ts';
import type { ChannelRuntime, Intake } from './intake.ts';

/** A reader that falls this far behind is let go; it comes again and resumes. */
const mostBuffered = 2 ** 20;

/** Shown in place by browsers; everything else is a download, so that nothing a stranger sent runs on our address. */
const shownInPlace = /^(image\/(png|jpeg|gif|webp|avif)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;

export interface ExchangeParts {
  readonly raw: RawRequest;
  readonly params: Readonly<Record<string, string>>;
  readonly upload: Exchange['upload'];
  readonly channel: ChannelRuntime;
  readonly intake: Intake;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** On every answer of this route. */
  readonly headers: Readonly<Record<string, string>>;
}

export function createExchange({ raw, params, upload, channel, intake, request, response, headers }: ExchangeParts): Exchange {
  return {
    request: raw,
    params,
    upload,
    accept: (proof, payload, key) => intake.accept({ channel, proof, payload, deliveryKey: key }),
    json: (status, body) => answerJson(response, status, body, { 'cache-control': 'no-store', ...headers }),
    answer: (given) => answer(response, { ...given, headers: { 'cache-control': 'no-store', ...headers, ...given.headers } }),
    file({ stream, mime, name, size }) {
      const how = shownInPlace.test(mime) ? 'inline' : 'attachment';
      response.writeHead(200, {
        'content-type': /^[\w.+-]+\/[\w.+-]+$/.test(mime) ? mime : 'application/octet-stream',
        'content-disposition': `${how}; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cross-origin-resource-policy': 'cross-origin',
        ...(size === undefined ? {} : { 'content-length': size }),
        ...headers,
      });
      // The client going away in the middle is no error of ours; the pipeline cleans up both ends.
      pipeline(stream, response).catch(() => undefined);
    },
    stream() {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      request.socket.setNoDelay(true);
      response.writeHead(200, {
        'content-type': 'application/x-ndjson',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
        ...headers,
      });
      response.flushHeaders();
      return {
        write(line) {
          if (gone.signal.aborted) return;
          response.write(`${line}\n`);
          if (response.writableLength > mostBuffered) response.destroy();
        },
        closed: gone.signal,
      };
    },
  };
}
