/** When a failed delivery goes again, waits for a person, or is given up. Pure: clock and chance are handed in. */
import { ConnectorError, type ErrorCode, type Retry } from '../kit/index.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

export const retryPolicy = {
  /** The first retry comes after about this long: full jitter over twice of it. */
  firstMs: 2 * second,
  /** No two attempts are further apart, unless the vendor asks for it. */
  capMs: hour,
  /** A broken credential is tried as rarely as this, so that correcting the settings is enough and no account is locked. */
  slowMs: 5 * minute,
  /** 75 hours, for which senders of Standard Webhooks go on, and one longest pause: an outage of three days is always outlived. */
  giveUpMs: 76 * hour,
} as const;

/** A failure as it is stored with its delivery and shown. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field: string | null;
  readonly status: number | null;
  readonly retry: Retry;
  /** This attempt, or one before it, may have taken effect. */
  readonly unclear: boolean;
}

/** What an error of `run` or `send` means. A throw that is no ConnectorError is a fault of ours: tried again, and never taken for a refusal. */
export function failureOf(error: unknown, unclearBefore: boolean): Failure {
  if (error instanceof ConnectorError) {
    const { code, message, field, status, retry } = error;
    return { code, message, field: field ?? null, status: status ?? null, retry, unclear: unclearBefore || error.effect === 'unclear' };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'unavailable', message, field: null, status: null, retry: 'backoff', unclear: true };
}

export interface Attempt {
  readonly now: number;
  readonly firstAt: number;
  /** This one included. */
  readonly attempts: number;
  /** 0 <= x < 1. */
  random(): number;
}

/** `pauseUntil` holds back the whole target, not only this delivery. */
export type Verdict =
  | { readonly next: 'retry'; readonly at: number; readonly pauseUntil: number | null }
  | { readonly next: 'parked' }
  | { readonly next: 'dead' };

const doubled = (base: number, times: number): number => Math.min(retryPolicy.capMs, base * 2 ** Math.min(times, 30));

/** Full jitter, never quite zero. */
function backoffMs({ attempts, random }: Attempt): number {
  const ceiling = Math.min(retryPolicy.capMs, 2 * doubled(retryPolicy.firstMs, attempts - 1));
  return Math.max(second / 4, Math.round(random() * ceiling));
}

function slowMs({ attempts, random }: Attempt): number {
  const ceiling = doubled(retryPolicy.slowMs, attempts - 1);
  return Math.round(retryPolicy.slowMs + random() * (ceiling - retryPolicy.slowMs));
}

const credential = (code: ErrorCode): boolean => code === 'unauthorized' || code === 'forbidden';

function delayMs(failure: Failure, attempt: Attempt): number {
  if (credential(failure.code)) return slowMs(attempt);
  return typeof failure.retry === 'object' ? failure.retry.afterMs : backoffMs(attempt);
}

/** A 429 and a refused key concern every delivery to the target; a 503 that names its end does too. A wait before a look concerns its own only. */
const concernsAll = ({ code, status, retry }: Failure): boolean =>
  code === 'rate-limited' || code === 'unauthorized' || (status === 503 && typeof retry === 'object');

export function judge(failure: Failure, attempt: Attempt): Verdict {
  if (failure.code === 'unclear') return { next: 'parked' };
  if (failure.retry === 'never' && !credential(failure.code)) return { next: 'parked' };
  if (attempt.now - attempt.firstAt >= retryPolicy.giveUpMs) return { next: 'dead' };
  const at = attempt.now + delayMs(failure, attempt);
  return { next: 'retry', at, pauseUntil: concernsAll(failure) ? at : null };
}
