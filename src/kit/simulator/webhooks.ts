/** How a simulated vendor posts its webhooks: with the vendor's own patience, signed anew for each attempt, and with faults on the way. */
import { setTimeout as wait } from 'node:timers/promises';
import { randomFrom } from './random.ts';

/** `duplicate`: arrives twice. `hold`: overtaken by those that come after it. `lose`: never arrives, as if every attempt had failed. */
export type WebhookFault = 'duplicate' | 'hold' | 'lose';

export interface WebhookDials {
  /** The next `times` (1) webhooks meet this fault. */
  set(fault: WebhookFault, times?: number): void;
  /** Each webhook meets it with this probability, drawn from the seed. */
  chance(fault: WebhookFault, probability: number): void;
  clear(): void;
  /** Webhooks that were lost or given up. */
  readonly lost: number;
  /** Attempts so far. */
  readonly attempts: number;
}

export interface Webhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** Added to the hook's address. */
  readonly path?: string;
}

export interface WebhookSender extends WebhookDials {
  to(url: string): void;
  /** `make` is called for each attempt, from 0. Without an address nothing is sent: the vendor's page has none yet. */
  post(make: (attempt: number) => Webhook): void;
  /** Resolves when nothing is on its way any more; lets go of what is held. */
  settled(): Promise<void>;
}

export interface WebhookSenderOptions {
  readonly seed?: number;
  /** Pauses between attempts, in ms, as the vendor makes them. */
  readonly retryMs: readonly number[];
  /** How long the vendor waits for an answer. */
  readonly timeoutMs: number;
  /** What the vendor makes of an answer; a 2xx is `taken` unless told otherwise, everything else `again`. */
  judge?(status: number, headers: Headers): 'taken' | 'again' | 'final';
}

export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const random = randomFrom(options.seed ?? 1);
  const judge = options.judge ?? ((status: number) => (status >= 200 && status < 300 ? 'taken' : 'again'));
  const under = new Set<Promise<void>>();
  let counted: { fault: WebhookFault; left: number }[] = [];
  let chances: { fault: WebhookFault; probability: number }[] = [];
  let held: (() => void)[] = [];
  let url: string | undefined;
  let lost = 0;
  let attempts = 0;

  function draw(): WebhookFault | undefined {
    const rule = counted.find(({ left }) => left > 0);
    if (rule) {
      rule.left -= 1;
      return rule.fault;
    }
    return chances.filter(({ probability }) => random() < probability)[0]?.fault;
  }

  async function attempt(address: string, { headers, body, path = '' }: Webhook): Promise<'taken' | 'again' | 'final'> {
    attempts += 1;
    try {
      const response = await fetch(`${address}${path}`, {
        method: 'POST',
        headers: { ...headers },
        body: body as BodyInit,
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      await response.arrayBuffer();
      return judge(response.status, response.headers);
    } catch {
      return 'again';
    }
  }

  async function deliver(address: string, make: (attempt: number) => Webhook): Promise<void> {
    for (let n = 0; n <= options.retryMs.length; n++) {
      const said = await attempt(address, make(n));
      if (said === 'taken') return;
      if (said === 'final') break;
      const pause = options.retryMs[n];
      if (pause !== undefined) await wait(pause);
    }
    lost += 1;
  }

  function start(address: string, make: (attempt: number) => Webhook): void {
    const run = deliver(address, make).finally(() => under.delete(run));
    under.add(run);
  }

  function letGo(): void {
    const go = held;
    held = [];
    for (const one of go) one();
  }

  return {
    to: (address) => {
      url = address;
    },
    post(make) {
      const address = url;
      if (address === undefined) return;
      const fault = draw();
      if (fault === 'lose') {
        lost += 1;
        return;
      }
      if (fault === 'hold') return void held.push(() => start(address, make));
      start(address, make);
      if (fault === 'duplicate') start(address, make);
      // What was held goes right after what overtook it.
      letGo();
    },
    async settled() {
      letGo();
      while (under.size > 0) await Promise.all(under);
    },
    set: (fault, times = 1) => void counted.push({ fault, left: times }),
    chance: (fault, probability) => void chances.push({ fault, probability }),
    clear() {
      counted = [];
      chances = [];
    },
    get lost() {
      return lost;
    },
    get attempts() {
      return attempts;
    },
  };
}
