/** The middleware that makes a simulator obey its dials. Mount it first: it also reads the whole body into `request.body` as a Buffer. */
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Json } from '../json.ts';
import type { Dials, DialsInside, Fault } from './dials.ts';

/** The vendor's own words for faults, where they are known. */
interface FaultBodies {
  readonly tooMany?: Json;
  readonly broken?: Json;
}

/** A repeated request must not meet the dials again. */
const repeated = 'x-simulator-repeated';

/** Keeps the answer back: `ready` is called when the handler has finished, and decides what the caller gets. */
function keepAnswer(response: Response, ready: (send: () => void) => void): void {
  const { write, end } = response;
  const chunks: Buffer[] = [];
  const take = (chunk: unknown): void => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as Uint8Array));
  };
  response.write = ((chunk: unknown) => {
    take(chunk);
    return true;
  }) as typeof response.write;
  response.end = ((chunk?: unknown) => {
    take(chunk);
    Object.assign(response, { write, end });
    ready(() => response.end(Buffer.concat(chunks)));
    return response;
  }) as typeof response.end;
}

function answerInstead(response: Response, status: number, type: string, body: string, headers: Record<string, string> = {}): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusCode = status;
  for (const [name, value] of Object.entries({ 'content-type': type, ...headers })) response.setHeader(name, value);
  response.end(body);
}

const json = (body: Json): string => JSON.stringify(body);

/** Sends the same request to this same server once more and waits for its answer. */
function repeat(request: Request): Promise<void> {
  return new Promise((resolve) => {
    const { localAddress, localPort } = request.socket;
    const again = http.request({
      host: localAddress,
      port: localPort,
      method: request.method,
      path: request.originalUrl,
      headers: { ...request.headers, [repeated]: '1', connection: 'close' },
    });
    again.on('response', (answer) => answer.resume().on('end', resolve)).on('error', () => resolve());
    again.end(request.body);
  });
}

/** What the caller gets although, or because, the handler has run. */
function spoil(fault: Fault, request: Request, response: Response, bodies: FaultBodies, send: () => void): void {
  if (fault.kind === 'reset') request.socket.resetAndDestroy();
  else if (fault.kind === 'error') answerInstead(response, fault.status ?? 503, 'application/json', json(bodies.broken ?? {}));
  else if (fault.kind === 'answer') answerInstead(response, fault.status, fault.type, fault.body);
  else if (fault.kind === 'slow') setTimeout(send, fault.ms).unref();
  else if (fault.kind === 'duplicate') void repeat(request).then(send);
  else if (fault.kind !== 'silence') send();
}

/** True when the request ends here, without its effect (or without it for now). */
function refuse(fault: Fault, dials: DialsInside, request: Request, response: Response, bodies: FaultBodies, next: NextFunction): boolean {
  if (fault.kind === 'rate-limited') {
    answerInstead(response, 429, 'application/json', json(bodies.tooMany ?? {}), { 'retry-after': String(fault.retryAfterSeconds) });
    return true;
  }
  if (fault.kind === 'answer' && fault.when !== 'after') {
    answerInstead(response, fault.status, fault.type, fault.body);
    return true;
  }
  if (fault.kind === 'late') {
    const take = () => new Promise<void>((done) => [keepAnswer(response, () => done()), next()]);
    if (fault.afterMs === undefined) dials.hold(take);
    else setTimeout(() => void take(), fault.afterMs).unref();
    request.socket.resetAndDestroy();
    return true;
  }
  if (!('when' in fault) || fault.when === 'after') return false;
  if (fault.kind === 'reset') request.socket.resetAndDestroy();
  if (fault.kind === 'error') answerInstead(response, fault.status ?? 503, 'application/json', json(bodies.broken ?? {}));
  return true;
}

export function faultable(dials: Dials, bodies: FaultBodies = {}): RequestHandler {
  const inside = dials as DialsInside;
  return async (request, response, next) => {
    request.body = await buffer(request);
    if (request.headers[repeated]) return next();
    const url = new URL(request.originalUrl, 'http://simulator');
    const { call, fault } = inside.arrive(request.method, url.pathname, url.search);
    await inside.tell('arrived', call);
    if (fault && refuse(fault, inside, request, response, bodies, next)) return;
    keepAnswer(response, (send) => void inside.tell('handled', call).then(() => (fault ? spoil(fault, request, response, bodies, send) : send())));
    next();
  };
}
