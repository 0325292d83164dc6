/** Rate limits of an account ("Rate limits" of the API reference): account, updates, and updates of one ticket; with the vendor's headers. */
import type { Response } from 'express';
import { Refusal } from './refusal.ts';

export interface Limits {
  /** Calls a minute. */
  readonly account: number;
  /** Ticket updates a minute; 20 on trial and sandbox accounts. */
  readonly updates: number;
  /** Updates of one ticket in ten minutes. */
  readonly perTicket: number;
}

export interface Limiter {
  account(response: Response): void;
  /** One write call that updates these tickets. */
  update(response: Response, tickets: readonly number[]): void;
  /** `create_or_update` of users: one a second. */
  upsert(): void;
}

export function createLimiter(limits: Limits, now: () => number): Limiter {
  const windows = new Map<string, { count: number; endsAt: number }>();

  function count(name: string, limit: number, seconds: number): { remaining: number; resets: number } {
    const known = windows.get(name);
    const window = known && known.endsAt > now() ? known : { count: 0, endsAt: now() + seconds * 1000 };
    windows.set(name, window);
    window.count += 1;
    return { remaining: limit - window.count, resets: Math.ceil((window.endsAt - now()) / 1000) };
  }

  function endpoint(response: Response, header: string, name: string, limit: number, seconds: number, message: string): void {
    const { remaining, resets } = count(name, limit, seconds);
    response.setHeader(`zendesk-ratelimit-${header}`, `total=${limit}; remaining=${Math.max(0, remaining)}; resets=${resets}`);
    if (remaining < 0) throw new Refusal(429, message, { 'retry-after': String(resets) });
  }

  return {
    account(response) {
      const { remaining, resets } = count('account', limits.account, 60);
      const shown = { limit: String(limits.account), remaining: String(Math.max(0, remaining)) };
      response.setHeader('X-Rate-Limit', shown.limit).setHeader('X-Rate-Limit-Remaining', shown.remaining);
      response.setHeader('ratelimit-limit', shown.limit).setHeader('ratelimit-remaining', shown.remaining).setHeader('ratelimit-reset', String(resets));
      if (remaining < 0) throw new Refusal(429, 'Number of allowed API requests per minute exceeded', { 'retry-after': String(resets) });
    },
    update(response, tickets) {
      endpoint(response, 'tickets-update', 'updates', limits.updates, 60, 'Number of allowed ticket updates per minute exceeded');
      for (const ticket of tickets) {
        const message = 'Rate limit for ticket updates exceeded, please wait before updating this ticket again';
        endpoint(response, 'per-ticket-updates', `ticket ${ticket}`, limits.perTicket, 600, message);
      }
    },
    upsert() {
      const { remaining, resets } = count('upsert', 1, 1);
      if (remaining < 0) throw new Refusal(429, 'Rate limit for user updates exceeded', { 'retry-after': String(resets) });
    },
  };
}
