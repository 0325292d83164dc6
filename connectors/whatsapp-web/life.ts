/** The life of one library client, from its start to its end: what of it the parent is told. A client that was disconnected is not used again. */
import type { LibraryClient } from './library.ts';
import type { Account, FromChild } from './protocol.ts';
import { within } from './reading.ts';

export interface LifeOptions {
  say(message: FromChild): void;
  /** The client is of no use any more. */
  ended(reason: string): void;
  ready(account: Account): void;
}

export interface Life {
  /** Resolves when the page was loaded and spoken to; what is thrown meanwhile ends it. */
  begin(): Promise<void>;
  /** One heartbeat. */
  beat(): Promise<void>;
  readonly isReady: boolean;
}

/** The library throws strings too. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)) || 'no reason given';

export function followLife(client: LibraryClient, { say, ended, ready }: LifeOptions): Life {
  let isReady = false;
  let over = false;
  let watched = false;
  const end = (reason: string): void => {
    if (over) return;
    over = true;
    isReady = false;
    ended(reason);
  };
  /** There is a browser only some time after the start. */
  const watchBrowser = (): void => {
    if (watched || !client.pupBrowser) return;
    watched = true;
    client.pupBrowser.on('disconnected', () => end('the browser has ended'));
  };
  const on = (event: string, then: (...given: unknown[]) => void): void =>
    void client.on(event, (...given) => {
      watchBrowser();
      if (!over) then(...given);
    });

  on('qr', (qr) => {
    // Unlinked on the phone while it ran: the page asks for a new code, and nothing comes in until then.
    isReady = false;
    say({ type: 'qr', qr: String(qr) });
  });
  on('authenticated', () => say({ type: 'authenticated' }));
  on('auth_failure', (why) => end(`the saved session was refused: ${reasonOf(why)}`));
  on('disconnected', (why) => end(reasonOf(why)));
  on('ready', () => {
    const id = client.info?.wid?._serialized;
    if (!id) return end('WhatsApp Web did not say whose number it is');
    const account: Account = { id, ...(client.info?.pushname ? { name: client.info.pushname } : {}) };
    isReady = true;
    ready(account);
    say({ type: 'ready', account });
  });

  return {
    async begin() {
      try {
        await client.initialize();
        watchBrowser();
      } catch (error) {
        end(reasonOf(error));
      }
    },
    async beat() {
      if (!isReady) return say({ type: 'alive' });
      const connection = await within(client.getState()).catch(() => null);
      if (!over) say({ type: 'alive', ...(isReady ? { connection } : {}) });
    },
    get isReady() {
      return isReady;
    },
  };
}
