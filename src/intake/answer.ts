/** Small answers of the hooks. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json, RawResponse } from '../kit/index.ts';

export function answer(response: ServerResponse, { status, headers = {}, body = '' }: RawResponse): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

export const answerJson = (response: ServerResponse, status: number, body: Json, headers: Readonly<Record<string, string>> = {}): void =>
  answer(response, { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

/** An answer to a body that was not read to its end: the connection cannot be used again. */
export function answerTooLarge(request: IncomingMessage, response: ServerResponse, headers: Readonly<Record<string, string>> = {}): void {
  if (!request.complete) response.setHeader('connection', 'close');
  answerJson(response, 413, { error: 'the body is too large' }, headers);
}
