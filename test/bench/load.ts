/**
 * The load generator: prepared requests over keep-alive connections, one at a time on each. It writes and reads sockets itself: node:http's client costs
 * more than the floor's server, and on two cores it would be what is measured.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { requestsOf } from './messages.ts';
import { serve } from './processes.ts';

export interface LoadOrder {
  readonly url: string;
  readonly secret: string;
  /** Makes ids unique. */
  readonly run: string;
  readonly connections: number;
  /** Ends at whichever comes first. */
  readonly seconds: number;
  readonly most: number;
  /** Each message opens a conversation of its own. */
  readonly alone?: boolean;
}

export interface LoadReport {
  readonly acknowledged: number;
  readonly refused: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

/** Reads one answer at a time; both servers send a content-length. */
async function* answers(socket: ReturnType<typeof connect>): AsyncGenerator<number> {
  let held = '';
  for await (const chunk of socket.setEncoding('latin1')) {
    held += chunk as string;
    const head = held.indexOf('\r\n\r\n');
    if (head < 0) continue;
    const length = Number(/content-length: (\d+)/i.exec(held.slice(0, head))?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) throw new Error(`an answer without content-length: ${held.slice(0, head)}`);
    if (held.length < head + 4 + length) continue;
    const status = Number(held.slice(9, 12));
    held = held.slice(head + 4 + length);
    yield status;
  }
}

async function run(order: LoadOrder): Promise<LoadReport> {
  const requests = requestsOf({ ...order, count: order.most });
  const { hostname, port } = new URL(order.url);
  const sockets = Array.from({ length: order.connections }, () => connect({ host: hostname, port: Number(port), noDelay: true }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const latenciesMs: number[] = [];
  let [next, refused] = [0, 0];
  const from = performance.now();
  const until = from + order.seconds * 1000;
  const send = (socket: ReturnType<typeof connect>): boolean => {
    const request = performance.now() < until ? requests[next++] : undefined;
    if (request) socket.write(request);
    return request !== undefined;
  };
  await Promise.all(
    sockets.map(async (socket) => {
      let sentAt = performance.now();
      if (!send(socket)) return;
      for await (const status of answers(socket)) {
        latenciesMs.push(performance.now() - sentAt);
        if (status < 200 || status >= 300) refused += 1;
        sentAt = performance.now();
        if (!send(socket)) break;
      }
    }),
  );
  const seconds = (performance.now() - from) / 1000;
  for (const socket of sockets) socket.destroy();
  return { acknowledged: latenciesMs.length - refused, refused, seconds, latenciesMs };
}

serve({}, run);
