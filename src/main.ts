/** The composition root: configuration -> store -> connectors -> intake and delivery -> HTTP; stopped in reverse order. */
import { createServer } from 'node:http';
import { createApp } from './api/app.ts';
import { createAuth } from './api/auth.ts';
import { createPlanSentences } from './api/plan-sentences.ts';
import { startAfterwards } from './closing/afterwards.ts';
import { createClosings } from './closing/commit.ts';
import { startLate } from './closing/late-worker.ts';
import { createOutside } from './closing/outside.ts';
import { planFor } from './closing/plan-for.ts';
import type { Config } from './config/config.ts';
import { connect } from './config/connect.ts';
import { ownKey } from './config/keys.ts';
import { listen } from './config/listen.ts';
import { laterClosings } from './config/ports.ts';
import { configuredConnectors, type Registry } from './config/settings.ts';
import { createShutdown, type Shutdown } from './config/shutdown.ts';
import { openConfigured } from './config/storage.ts';
import { createTemplates } from './conversations/templates.ts';
import { createTyping } from './conversations/typing.ts';
import { startDelivery } from './delivery/start.ts';
import { startIntake } from './intake/start.ts';
import { createMappings, mappingOf, watchMappings } from './mapping/load.ts';
import { createChannelWatch } from './observe/channel-watch.ts';
import { startDrift } from './observe/drift.ts';
import { startHealth } from './observe/health.ts';
import { createLog } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { createReadiness } from './observe/ready.ts';
import { newId } from './store/ids.ts';
import { tell } from './store/live.ts';
import { createDesks } from './tickets/desks.ts';
import { startLearning } from './tickets/learn-companies.ts';
import { startSync } from './tickets/sync.ts';
import { version } from './version.ts';

export interface Running {
  readonly port: number;
  /** For the first administrator, while there is none. */
  readonly setupLink: string | undefined;
  readonly auth: ReturnType<typeof createAuth>;
  stop(): Promise<void>;
}

/** Throws ConfigError with everything that is wrong; then nothing is left running. */
export async function startServer(config: Config, registry: Registry): Promise<Running> {
  const shutdown = createShutdown();
  try {
    return await compose(config, registry, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function compose(config: Config, registry: Registry, shutdown: Shutdown): Promise<Running> {
  const { environment } = config;
  const now = Date.now;
  const id = newId;
  const log = createLog(environment);
  const configured = await configuredConnectors(config, registry);
  const store = await openConfigured(environment);
  shutdown.add(() => store.close());
  const mappings = createMappings(environment.MAPPINGS_DIR);
  for (const problem of (await mappings.reload()).problems) log.error(problem, 'a mapping is not in force');
  const targets = () => delivery.engine.targets();
  const metrics = createMetrics({ store, now, targets });

  const typing = createTyping({ read: store.read, now, log });
  const connected = connect(configured, {
    config,
    store,
    log,
    now,
    id,
    live: typing.port,
    closings: (channel) => laterClosings(() => outside(channel)),
    budget: (target, report) => delivery.engine.budget(target, report),
  });
  shutdown.add(connected.close);
  const { channels, helpdesks } = connected;
  const desks = createDesks([...helpdesks.values()], { now, log });
  const delivery = startDelivery({ store, channels, helpdesks, desks, log, now, id });
  const server = createServer((request, response) => void (intake.hooks(request, response) || app(request, response)));
  server.keepAliveTimeout = 65_000;
  // No new request from the first moment of the shutdown on; those under way may end while deliveries do.
  let closed: Promise<unknown> | undefined;
  shutdown.add(() => {
    server.closeAllConnections();
    return closed;
  });
  shutdown.add(delivery.stop);
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
  const { holdSeconds, publicUrl } = config;
  const outside = createOutside({ ...snapshots, closings, holdSeconds, publicUrl, sentences: createPlanSentences(now).in });
  const deciding = { ...snapshots, group: delivery.group, dispatch: delivery.dispatch, id, log };
  shutdown.add(startLate(deciding).stop);
  shutdown.add(startAfterwards({ ...deciding, publicUrl, channel: (name) => channels.get(name)?.channel }).stop);
  shutdown.add(startLearning({ ...snapshots, store, id, log }).stop);
  shutdown.add(startSync({ store, desks, now, log }).stop);
  const arrived = (channel: string, state: string): void => metrics.arrivals.inc({ channel, state });
  const intake = startIntake({ store, channels, now, id, log, trustedHops: environment.TRUST_PROXY, arrived });
  shutdown.add(intake.stop);
  const changed = (name: string): void =>
    void store.write(async (tx) => tell(tx, 'connector', name)).catch((error: unknown) => log.warn({ err: error }, 'a change of state was not told'));
  const health = startHealth({ channels, helpdesks, now, log, targets, changed });
  shutdown.add(health.stop);
  const drift = startDrift({ mappings, desks, now, log });
  shutdown.add(drift.stop);
  const zoneOf = (channel: string): string => mappings.forChannel(channel)?.calendar.zone ?? 'UTC';
  const watch = createChannelWatch({ read: store.read, now, states: intake.sessions.states, zoneOf });
  shutdown.add(watchMappings(mappings, environment.MAPPINGS_DIR));
  const auth = createAuth({
    store,
    secret: ownKey(environment.DATA_DIR, 'sign-in'),
    publicUrl,
    publicUrlIsSet: environment.PUBLIC_URL !== undefined,
    log,
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
    watch,
    mappings,
    drift,
    metrics,
    log,
    version,
    id,
    intake: intake.intake,
    runtimes: intake.runtimes,
    dispatch: delivery.dispatch,
    actions: delivery.actions,
    typing,
    templates: createTemplates(channels, { now, log }),
    holdSeconds,
    publicUrl,
    trustedHops: environment.TRUST_PROXY,
    notReady: createReadiness({ store }),
  });
  await delivery.engine.start();
  const setupLink = await auth.setupLink();
  const port = await listen(server, environment);
  shutdown.add(() => {
    closed = new Promise((resolve) => server.close(resolve));
  });
  return { port, setupLink, auth, stop: shutdown.run };
}
