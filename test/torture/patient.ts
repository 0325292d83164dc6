/** A client that behaves as senders do: it comes again, the same way, until it is answered. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ServerUnderTest } from './server.ts';

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

export interface Patient {
  /**
   * Resolves with the first whole answer that is neither 429 nor 5xx, and then never sends again: what was acknowledged must not be saved by a repeat.
   * `taken` is called the moment a 2xx is there. Rejects when the run is over.
   */
  send(path: string, request: () => RequestInit, taken?: () => void): Promise<Answered>;
}

const pauseMs = 100;

export function createPatient(server: ServerUnderTest, over: AbortSignal): Patient {
  const ended = new Promise<never>((_resolve, reject) => over.addEventListener('abort', () => reject(over.reason), { once: true }));
  ended.catch(() => {});

  async function once(path: string, request: RequestInit): Promise<Answered | undefined> {
    try {
      const response = await fetch(`${server.url}${path}`, { ...request, signal: AbortSignal.timeout(15_000) });
      const text = await response.text();
      return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
    } catch {
      // Whoever got no answer, or half of one, knows nothing, and comes again.
      return undefined;
    }
  }

  return {
    async send(path, request, taken) {
      for (;;) {
        over.throwIfAborted();
        await Promise.race([server.up(), ended]);
        const answer = await once(path, request());
        if (answer && answer.status < 300) taken?.();
        if (answer && answer.status < 500 && answer.status !== 429) return answer;
        await Promise.race([wait(pauseMs), ended]);
      }
    },
  };
}
