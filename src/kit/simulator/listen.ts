/** Starts a simulator on a real port, since connectors talk to it over HTTP as they would to the vendor. */
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listening {
  /** Without a trailing slash. */
  readonly url: string;
  /** Cuts what is still open: a silent request would otherwise keep the server for ever. */
  close(): Promise<void>;
}

/** `port` 0, the default, takes any free one of the loopback. */
export async function listen(app: RequestListener, port = 0): Promise<Listening> {
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
