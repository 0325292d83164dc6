/** The composition root: configuration -> store -> connectors -> intake and delivery -> HTTP; stopped in reverse order. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './api/app.ts';
import { createAuth } from './api/auth.ts';
import { createClosings } from './closing/commit.ts';
import { startLate } from './closing/late-worker.ts';
import { planFor } from './closing/plan-for.ts';
import type { Config } from './config/config.ts';
import { connect } from './config/connect.ts';
import { ownKey } from './config/keys.ts';
import { configuredConnectors, type Registry } from './config/settings.ts';
import { startDelivery } from './delivery/start.ts';
import { startIntake } from './intake/start.ts';
import { createMappings, mappingOf, watchMappings } from './mapping/load.ts';
import { startHealth } from './observe/health.ts';
import { createLog } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { newId } from './store/ids.ts';
import { openStore } from './store/open.ts';
import { createDesks } from './tickets/desks.ts';
import { version } from './version.ts';

export interface Running {
  readonly port: number;
  /** For the first administrator, while there is none. */
  readonly setupLink: string | undefined;
  readonly auth: ReturnType<typeof createAuth>;
  stop(): Promise<void>;
}

export async function startServer(config: Config, registry: Registry): Promise<Running> {
  const { environment } = config;
  const now = Date.now;
  const id = newId;
  const log = createLog(environment);
  const configured = await configuredConnectors(config, registry);
  const store = await openStore({ dataFolder: environment.DATA_DIR, databaseUrl: environment.DATABASE_URL });
  const mappings = createMappings(environment.MAPPINGS_DIR);
  for (const problem of (await mappings.reload()).problems) log.error(problem, 'a mapping is not in force');
  const stopWatching = watchMappings(mappings, environment.MAPPINGS_DIR);
  const metrics = createMetrics(store, now);

  const connected = connect(configured, { config, store, log, now, id, budget: (target, report) => delivery.engine.budget(target, report) });
  const { channels, helpdesks } = connected;
  const desks = createDesks([...helpdesks.values()], { now, log });
  const delivery = startDelivery({ store, channels, helpdesks, desks, log, now, id });
  const snapshots = { read: store.read, desks, now, mappingFor: mappingOf(mappings) };
  const closings = createClosings({
    read: store.read,
    group: delivery.group,
    dispatch: delivery.dispatch,
    now,
    id,
    plan: planFor(snapshots),
    canEnd: (name) => channels.get(name)?.channel.end !== undefined,
  });
  const late = startLate({ ...snapshots, group: delivery.group, dispatch: delivery.dispatch, id, log });
  const intake = startIntake({ store, channels, now, id, log, trustedHops: environment.TRUST_PROXY });
  const health = startHealth({ channels, helpdesks, now, log, changed: (name) => log.info({ connector: name }, 'the state of a connector changed') });
  const auth = createAuth({
    store,
    secret: ownKey(environment.DATA_DIR, 'sign-in'),
    publicUrl: config.publicUrl,
    publicUrlIsSet: environment.PUBLIC_URL !== undefined,
    now,
    id,
  });

  const app = createApp({
    ...snapshots,
    store,
    auth,
    closings,
    channels,
    health,
    mappings,
    metrics,
    log,
    version,
    id,
    intake: intake.intake,
    runtimes: intake.runtimes,
    dispatch: delivery.dispatch,
    actions: delivery.actions,
    holdSeconds: config.holdSeconds,
    publicUrl: config.publicUrl,
    trustedHops: environment.TRUST_PROXY,
    notReady: async () =>
      await store.read
        .selectFrom('settings')
        .select('name')
        .limit(1)
        .execute()
        .then(
          () => [],
          () => ['the database does not answer'],
        ),
  });
  const server = createServer((request, response) => void (intake.hooks(request, response) || app(request, response)));
  server.keepAliveTimeout = 65_000;
  await delivery.engine.start();
  const setupLink = await auth.setupLink();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(environment.PORT, environment.HOST, resolve));

  return {
    port: (server.address() as AddressInfo).port,
    setupLink,
    auth,
    async stop() {
      stopWatching();
      health.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      await intake.stop();
      await late.stop();
      await delivery.stop();
      server.closeAllConnections();
      await closed;
      connected.close();
      await store.close();
    },
  };
}
