/** What is known of how a channel hears its vendor: its sessions and pollers, its outages, whether it is too quiet, and its canary. */
import type { Kysely } from 'kysely';
import { type Canary, readCanary } from '../intake/canary.ts';
import { listOutages, type Outage } from '../intake/outages.ts';
import type { IntakeState } from '../intake/sessions.ts';
import type { Database } from '../store/schema.ts';
import { historyHours, type Silence, silenceOf } from './silence.ts';

const hourMs = 3_600_000;

export interface IntakeHealth {
  readonly intake: string;
  readonly state: IntakeState['state'];
  readonly detail: string | null;
  readonly since: number;
  /** Another process runs it. */
  readonly standby: boolean;
}

export interface ChannelHealth {
  readonly intakes: readonly IntakeHealth[];
  /** The newest 10, newest first. */
  readonly outages: readonly Outage[];
  readonly silence: Silence | null;
  readonly canary: Canary | null;
}

export interface ChannelWatch {
  of(channel: string): Promise<ChannelHealth>;
  /** Of the channel's session; with `qr`, which only administrators may see. Undefined where it has none. */
  session(channel: string): IntakeState | undefined;
}

export interface ChannelWatchParts {
  readonly read: Kysely<Database>;
  now(): number;
  states(): ReadonlyMap<string, readonly IntakeState[]>;
  /** Where the people of a channel live. */
  zoneOf(channel: string): string;
}

export function createChannelWatch({ read, now, states, zoneOf }: ChannelWatchParts): ChannelWatch {
  async function silence(channel: string): Promise<Silence | null> {
    const hours = await read
      .selectFrom('heard_hours')
      .select(['hour', 'messages', 'last_at as lastAt'])
      .where('channel', '=', channel)
      .where('hour', '>=', Math.floor(now() / hourMs) - historyHours)
      .execute();
    return silenceOf(hours, now(), zoneOf(channel)) ?? null;
  }
  return {
    async of(channel) {
      const [outages, quiet, canary] = await Promise.all([listOutages(read, channel), silence(channel), readCanary(read, channel, now())]);
      // Named one by one: the code of an unpaired session is not for everybody.
      const intakes = (states().get(channel) ?? []).map(({ intake, state, detail = null, since, standby }) => ({ intake, state, detail, since, standby }));
      return { intakes, outages, silence: quiet, canary: canary ?? null };
    },
    session: (channel) =>
      states()
        .get(channel)
        ?.find(({ intake }) => intake.startsWith('session-')),
  };
}
