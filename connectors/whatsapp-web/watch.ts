/** Tells when a run is of no use any more: silent, never ready, or not connected. Times in ms of a clock that never jumps. */
import type { FromChild } from './protocol.ts';

export interface Watch {
  heard(message: FromChild): void;
  /** What is wrong, or undefined. */
  trouble(): string | undefined;
}

export interface WatchOptions {
  /** Between the start, each QR code, the scan, and being ready. */
  readonly readyMs: number;
  /** Without a word, or without a connection to WhatsApp. */
  readonly silenceMs: number;
  now?(): number;
}

export function createWatch({ readyMs, silenceMs, now = () => performance.now() }: WatchOptions): Watch {
  let lastWord = now();
  let lastProgress = lastWord;
  let isReady = false;
  let offlineSince: number | undefined;
  let connection: string | null = null;
  return {
    heard(message) {
      lastWord = now();
      if (message.type === 'qr' || message.type === 'authenticated') {
        isReady = false;
        lastProgress = lastWord;
      } else if (message.type === 'ready') {
        isReady = true;
        offlineSince = undefined;
      } else if (message.type === 'alive' && message.connection !== undefined) {
        connection = message.connection;
        if (connection === 'CONNECTED') offlineSince = undefined;
        else offlineSince ??= lastWord;
      }
    },
    trouble() {
      const at = now();
      if (at - lastWord > silenceMs) return `the process was silent for ${silenceMs / 1000} s`;
      if (!isReady && at - lastProgress > readyMs) return `WhatsApp Web was not ready within ${readyMs / 1000} s`;
      if (isReady && offlineSince !== undefined && at - offlineSince > silenceMs)
        return `no connection to WhatsApp for ${silenceMs / 1000} s (${connection ?? 'the page does not answer'})`;
      return undefined;
    },
  };
}
