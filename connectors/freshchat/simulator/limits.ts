/** Rate limits with Freshchat's headers on every answer. The vendor's numbers are not known; these are the simulator's. */
import type { RequestHandler } from 'express';
import { Refusal } from './refusal.ts';

const windowMs = 60_000;

export function limits(now: () => number, perMinute: number): RequestHandler {
  let began = 0;
  let used = 0;
  return (_request, response, next) => {
    if (now() - began >= windowMs) {
      began = now();
      used = 0;
    }
    const over = used >= perMinute;
    if (!over) used += 1;
    response.set({
      'X-RateLimit-Limit': String(perMinute),
      'X-RateLimit-Remaining': String(perMinute - used),
      'X-RateLimit-Reset': String(Math.ceil((began + windowMs) / 1000)),
    });
    if (over) throw new Refusal(429, 'TOO_MANY_REQUESTS', 'The limit of requests is exceeded');
    next();
  };
}
