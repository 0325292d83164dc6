/** Rate limits by plan, per minute and account, with Freshdesk's headers. "Rate Limit". */
import type { RequestHandler } from 'express';
import { Refusal } from './refusal.ts';

export type Plan = keyof typeof plans;

const none = Number.POSITIVE_INFINITY;
const plans = {
  trial: { total: 50, create: none, update: none, tickets: none, contacts: none },
  growth: { total: 200, create: 80, update: 80, tickets: 20, contacts: 20 },
  pro: { total: 400, create: 160, update: 160, tickets: 100, contacts: 100 },
  enterprise: { total: 700, create: 280, update: 280, tickets: 200, contacts: 200 },
} as const;

type Lane = Exclude<keyof (typeof plans)['growth'], 'total'>;

function laneOf(method: string, path: string): Lane | undefined {
  if (path === '/tickets') return method === 'POST' ? 'create' : 'tickets';
  if (path === '/contacts' && method === 'GET') return 'contacts';
  return method === 'PUT' && /^\/tickets\/\d+$/.test(path) ? 'update' : undefined;
}

/** Includes cost extra: one each on a ticket, two each on the list. */
function costOf(path: string, include: unknown): number {
  const includes = typeof include === 'string' && include !== '' ? include.split(',').length : 0;
  return 1 + includes * (path === '/tickets' ? 2 : 1);
}

export function limits(plan: () => Plan, now: () => number): RequestHandler {
  let minute = -1;
  let used = { total: 0, create: 0, update: 0, tickets: 0, contacts: 0 };
  return (request, response, next) => {
    const current = Math.floor(now() / 60_000);
    if (current !== minute) used = { total: 0, create: 0, update: 0, tickets: 0, contacts: 0 };
    minute = current;
    const most = plans[plan()];
    const lane = laneOf(request.method, request.path);
    const cost = costOf(request.path, request.query.include);
    const over = used.total + cost > most.total || (lane !== undefined && used[lane] + 1 > most[lane]);
    used.total += over ? 0 : cost;
    if (lane && !over) used[lane] += 1;
    response.set({
      'X-Freshdesk-Api-Version': 'latest=v2; requested=v2',
      'X-RateLimit-Total': String(most.total),
      'X-RateLimit-Remaining': String(most.total - used.total),
      'X-RateLimit-Used-CurrentRequest': String(cost),
    });
    if (!over) return next();
    response.set('Retry-After', String(Math.ceil(((minute + 1) * 60_000 - now()) / 1000)));
    throw new Refusal(429, { message: 'You have exceeded the limit of requests per minute' });
  };
}
