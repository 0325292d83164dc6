/** Between a browser and the product: counts live connections, which a page cannot see of its shared worker, and can hold them back. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Proxy {
  readonly url: string;
  readonly streams: { open: number; most: number; all: number };
  /** Live connections wait until the returned function is called. */
  holdStreams(): () => void;
  stop(): Promise<void>;
}

export async function openProxy(product: string): Promise<Proxy> {
  const streams = { open: 0, most: 0, all: 0 };
  let held: Promise<void> = Promise.resolve();
  const server = http.createServer(async (request, response) => {
    if (request.url?.startsWith('/api/events')) {
      streams.open += 1;
      streams.all += 1;
      streams.most = Math.max(streams.most, streams.open);
      response.once('close', () => (streams.open -= 1));
      await held;
    }
    const onward = http.request(product + request.url, { method: request.method ?? 'GET', headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    response.once('close', () => onward.destroy());
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    streams,
    holdStreams() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
    },
  };
}
