/** Fault dials: which of a simulator's next requests go wrong, and how. Shared by every simulator, so that a fault means the same everywhere. */

import { randomFrom } from './random.ts';

/** `before`: the effect does not happen. `after`: it does, and only the answer is lost or wrong. */
export type When = 'before' | 'after';

export type Fault =
  /** 429 before the effect; `retryAfterSeconds` goes into Retry-After. */
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number }
  /** A 5xx answer; 503 unless given. */
  | { readonly kind: 'error'; readonly when: When; readonly status?: number }
  /** No answer at all: the connection stays open until the caller gives up. */
  | { readonly kind: 'silence'; readonly when: When }
  /** The connection is reset. */
  | { readonly kind: 'reset'; readonly when: When }
  /** The connection is reset now, and the effect happens later: on `land()`, or by itself `afterMs` later. */
  | { readonly kind: 'late'; readonly afterMs?: number }
  /** The request takes effect twice, as behind a proxy that repeats it; the caller gets the first answer. */
  | { readonly kind: 'duplicate' }
  /** The answer comes `ms` later than it would. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Something else answers in the vendor's place, before the effect unless told otherwise: a proxy's HTML page, an unknown error body. */
  | { readonly kind: 'answer'; readonly when?: When; readonly status: number; readonly type: string; readonly body: string };

export interface Where {
  /** All methods unless given; `writes` is every method but GET and HEAD. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'writes';
  /** Tested against the path without the query. */
  readonly path?: RegExp;
  /** Lets so many matching requests pass first; default 0. */
  readonly skip?: number;
  /** How many matching requests meet the fault; default 1. */
  readonly times?: number;
}

/** One request as the dials saw it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly fault: Fault['kind'] | undefined;
}

/** `arrived`: nothing has happened yet. `handled`: the effect has happened, the answer has not left. The request waits for what a listener returns. */
export type Listener = (moment: 'arrived' | 'handled', call: Call) => void | Promise<void>;

export interface Dials {
  /** The next matching requests meet this fault. Rules are tried in the order they were set. */
  set(fault: Fault, where?: Where): void;
  /** Each matching request meets this fault with the given probability, drawn from the seed. */
  chance(fault: Fault, probability: number, where?: Pick<Where, 'method' | 'path'>): void;
  /** Forgets all rules; what is held stays held. */
  clear(): void;
  /** Lets the held `late` requests take effect now; resolves to their number once all have. */
  land(): Promise<number>;
  /** Every request so far, in order of arrival. */
  readonly calls: readonly Call[];
  /** Returns the unsubscriber. */
  watch(listener: Listener): () => void;
}

/** What the middleware needs beyond what users of the dials see. */
export interface DialsInside extends Dials {
  arrive(method: string, path: string, query: string): { readonly call: Call; readonly fault: Fault | undefined };
  tell(moment: 'arrived' | 'handled', call: Call): Promise<void>;
  hold(take: () => Promise<void>): void;
}

const isWrite = (method: string): boolean => method !== 'GET' && method !== 'HEAD';

const fits = (where: Where, method: string, path: string): boolean =>
  (where.method === undefined || (where.method === 'writes' ? isWrite(method) : where.method === method)) && (where.path?.test(path) ?? true);

export function createDials(options: { seed?: number } = {}): DialsInside {
  const random = randomFrom(options.seed ?? 1);
  let counted: { fault: Fault; where: Where; skip: number; left: number }[] = [];
  let chances: { fault: Fault; where: Where; probability: number }[] = [];
  const calls: Call[] = [];
  const held: (() => Promise<void>)[] = [];
  const listeners = new Set<Listener>();

  function draw(method: string, path: string): Fault | undefined {
    for (const rule of counted) {
      if (rule.left === 0 || !fits(rule.where, method, path)) continue;
      if (rule.skip > 0) {
        rule.skip -= 1;
        continue;
      }
      rule.left -= 1;
      return rule.fault;
    }
    // Every fitting chance draws, so that the sequence depends on the requests alone and not on earlier luck.
    return chances.filter((rule) => fits(rule.where, method, path)).filter((rule) => random() < rule.probability)[0]?.fault;
  }

  return {
    set: (fault, where = {}) => void counted.push({ fault, where, skip: where.skip ?? 0, left: where.times ?? 1 }),
    chance: (fault, probability, where = {}) => void chances.push({ fault, where, probability }),
    clear() {
      counted = [];
      chances = [];
    },
    async land() {
      const taken = held.splice(0);
      for (const take of taken) await take();
      return taken.length;
    },
    calls,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    arrive(method, path, query) {
      const fault = draw(method, path);
      const call: Call = { method, path, query, fault: fault?.kind };
      calls.push(call);
      return { call, fault };
    },
    async tell(moment, call) {
      for (const listener of listeners) await listener(moment, call);
    },
    hold: (take) => void held.push(take),
  };
}
