/** Prometheus metrics: what tells ops that something waits, fails or is silent, before a customer does. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { TargetState } from '../delivery/target.ts';
import type { Store } from '../store/store.ts';

export type Metrics = ReturnType<typeof createMetrics>;

export interface MetricsParts {
  readonly store: Pick<Store, 'read'>;
  now(): number;
  /** What delivery knows of each helpdesk and channel. */
  targets(): readonly TargetState[];
}

export function createMetrics({ store, now, targets }: MetricsParts) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'deskbridge_' });
  const registers = [registry];

  // Read at scrape time, so that the figures are the database's own and survive a restart.
  new Gauge({
    name: 'deskbridge_deliveries',
    help: 'Deliveries that are not finished, by helpdesk or channel and state',
    labelNames: ['target', 'state'],
    registers,
    async collect() {
      this.reset();
      const rows = await store.read
        .selectFrom('deliveries')
        .select(['target', 'state', ({ fn }) => fn.countAll<number>().as('count')])
        .where('state', 'in', ['waiting', 'running', 'parked', 'dead'])
        .groupBy(['target', 'state'])
        .execute();
      for (const { target, state, count } of rows) this.set({ target, state }, Number(count));
    },
  });
  new Gauge({
    name: 'deskbridge_oldest_unsent_seconds',
    help: 'Age of the oldest delivery that waits, by helpdesk or channel',
    labelNames: ['target'],
    registers,
    async collect() {
      this.reset();
      const rows = await store.read
        .selectFrom('deliveries')
        .select(['target', ({ fn }) => fn.min('created_at').as('oldest')])
        .where('state', 'in', ['waiting', 'running'])
        .groupBy('target')
        .execute();
      for (const { target, oldest } of rows) this.set({ target }, (now() - Number(oldest)) / 1000);
    },
  });
  new Gauge({
    name: 'deskbridge_quarantined',
    help: 'Arrivals that were kept but not understood, by channel',
    labelNames: ['channel'],
    registers,
    async collect() {
      this.reset();
      const rows = await store.read
        .selectFrom('arrivals')
        .select(['channel', ({ fn }) => fn.countAll<number>().as('count')])
        .where('state', '=', 'quarantined')
        .groupBy('channel')
        .execute();
      for (const { channel, count } of rows) this.set({ channel }, Number(count));
    },
  });

  new Counter({
    name: 'deskbridge_rate_limited_total',
    help: 'Answers 429 of a helpdesk or channel to deliveries',
    labelNames: ['kind', 'target'],
    registers,
    collect() {
      this.reset();
      for (const { kind, name, rateLimited } of targets()) this.inc({ kind, target: name }, rateLimited);
    },
  });
  new Gauge({
    name: 'deskbridge_target_held',
    help: 'Deliveries to a helpdesk or channel are held back: 1 while it asked us to wait or is in trouble',
    labelNames: ['kind', 'target', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { kind, name, state } of targets())
        for (const held of ['paused', 'trouble'] as const) this.set({ kind, target: name, state: held }, state === held ? 1 : 0);
    },
  });

  return {
    registry,
    arrivals: new Counter({
      name: 'deskbridge_arrivals_total',
      help: 'Payloads taken in, by channel and what became of them',
      labelNames: ['channel', 'state'],
      registers,
    }),
    requests: new Histogram({
      name: 'deskbridge_api_seconds',
      help: 'API requests by route and status',
      labelNames: ['route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2],
      registers,
    }),
  };
}
