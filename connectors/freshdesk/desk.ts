/** What all operations share: the account's client, its cached reference data, and how its tickets are named. */
import { z } from 'zod';
import type { Context, Json, TicketRef } from '../../src/kit/index.ts';
import { type Client, createClient } from './client.ts';
import type { FreshdeskSettings } from './settings.ts';
import * as wire from './wire.ts';

export interface Desk {
  readonly context: Context<FreshdeskSettings>;
  readonly client: Client;
  /** Ticket fields; read again after ten minutes. */
  fields(): Promise<readonly wire.WireField[]>;
  /** A company as tickets and requesters name it; null where it is gone or may not be read. */
  company(id: number | null | undefined): Promise<{ id: string; name: string; fields: { readonly [name: string]: Json } } | null>;
  ref(id: number | string): TicketRef;
}

const minutes = 60_000;

/** Keeps a promise for a time; a failure is not kept. */
function remembered<K, V>(now: () => number, forMs: number, read: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const held = new Map<K, { until: number; value: Promise<V> }>();
  return (key) => {
    const known = held.get(key);
    if (known && known.until > now()) return known.value;
    const value = read(key);
    held.set(key, { until: now() + forMs, value });
    value.catch(() => held.delete(key));
    return value;
  };
}

export function createDesk(context: Context<FreshdeskSettings>): Desk {
  const client = createClient(context);
  const fields = remembered(context.now, 10 * minutes, (_: 'all') => client.get('/ticket_fields', z.array(wire.field)));
  const company = remembered(context.now, 60 * minutes, (id: number) => client.get(`/companies/${id}`, wire.company));
  return {
    context,
    client,
    fields: () => fields('all'),
    async company(id) {
      if (id === null || id === undefined) return null;
      // A company that was deleted meanwhile must not hide the ticket that names it.
      const found = await company(id).catch((error: { code?: string }) => {
        if (error.code === 'not-found' || error.code === 'forbidden') return null;
        throw error;
      });
      return found && { id: String(id), name: found.name, fields: found.custom_fields ?? {} };
    },
    ref: (id) => ({ helpdesk: context.name, id: String(id), number: String(id), url: `${context.settings.address}/a/tickets/${id}` }),
  };
}
