/** What a database takes as text. PostgreSQL refuses the NUL character, which mails and broken clients do send. */
import type { InboundEvent } from '../kit/index.ts';

function strip<T>(value: T): T {
  if (typeof value === 'string') return (value.includes('\0') ? value.replaceAll('\0', '') : value) as T;
  if (Array.isArray(value)) return value.map(strip) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, strip(inner)])) as T;
}

/** The event without NUL characters; the same object when there are none. */
export function clean(event: InboundEvent): InboundEvent {
  if (!Number.isSafeInteger(event.at)) throw new Error(`the time of an event must be whole epoch milliseconds, not ${event.at}`);
  return hasNul(event) ? strip(event) : event;
}

function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  return value !== null && typeof value === 'object' && Object.values(value).some(hasNul);
}
