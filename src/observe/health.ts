/** How each channel and helpdesk is doing: asked when it starts and every minute, told to people and to probes. */
import type { TargetState } from '../delivery/target.ts';
import type { Log } from '../kit/index.ts';
import type { ConnectedChannel, ConnectedHelpdesk } from '../tickets/desks.ts';

export interface ConnectorHealth {
  readonly name: string;
  readonly connector: string;
  readonly kind: 'channel' | 'helpdesk';
  readonly state: 'ready' | 'trouble' | 'unknown';
  readonly detail: string;
  /** Since when it is in this state. */
  readonly since: number;
  /** Whether deliveries go out to it, and if not, why or until when. */
  readonly sending: { readonly state: TargetState['state']; readonly detail: string };
}

export interface HealthParts {
  readonly channels: ReadonlyMap<string, ConnectedChannel>;
  readonly helpdesks: ReadonlyMap<string, ConnectedHelpdesk>;
  now(): number;
  readonly log: Log;
  /** What delivery knows of each helpdesk and channel. */
  targets(): readonly TargetState[];
  /** Called after a state changed. */
  changed(name: string): void;
  readonly everyMs?: number;
}

export interface Health {
  list(): readonly ConnectorHealth[];
  check(): Promise<void>;
  stop(): void;
}

const patienceMs = 10_000;

async function inTime(work: Promise<{ detail: string }>): Promise<{ detail: string }> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer within 10 seconds')), patienceMs);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

export function startHealth(parts: HealthParts): Health {
  const known = new Map<string, Omit<ConnectorHealth, 'sending'>>();
  const probes = [
    ...[...parts.channels.values()].map(({ name, connector, channel }) => ({ name, connector, kind: 'channel' as const, ask: () => channel.health() })),
    ...[...parts.helpdesks.values()].map(({ name, connector, helpdesk }) => ({ name, connector, kind: 'helpdesk' as const, ask: () => helpdesk.health() })),
  ];
  for (const { name, connector, kind } of probes) known.set(name, { name, connector, kind, state: 'unknown', detail: '', since: parts.now() });

  async function probe({ name, connector, kind, ask }: (typeof probes)[number]): Promise<void> {
    const before = known.get(name);
    const [state, detail] = await inTime(ask()).then(
      (answer) => ['ready', answer.detail] as const,
      (error: unknown) => ['trouble', error instanceof Error ? error.message : String(error)] as const,
    );
    const since = before?.state === state ? before.since : parts.now();
    known.set(name, { name, connector, kind, state, detail, since });
    if (before?.state === state) return;
    if (state === 'trouble') parts.log.warn({ connector: name, detail }, 'a connector is in trouble');
    parts.changed(name);
  }

  const check = async (): Promise<void> => void (await Promise.all(probes.map(probe)));
  const timer = setInterval(() => void check(), parts.everyMs ?? 60_000);
  timer.unref();
  void check();
  const list = (): readonly ConnectorHealth[] => {
    const targets = parts.targets();
    return [...known.values()].map((one) => {
      const { state, detail } = targets.find(({ kind, name }) => kind === one.kind && name === one.name) ?? { state: 'ready' as const, detail: '' };
      return { ...one, sending: { state, detail } };
    });
  };
  return { list, check, stop: () => clearInterval(timer) };
}
