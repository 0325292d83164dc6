/** The door for messages: reads what came, and resolves once it is on disk, with everything it means. */
import { arrival, type Channel, type InboundEvent, type IntakeOutcome, type Json, type Log, type Verified, type VerifiedArrival } from '../kit/index.ts';
import type { KnownPeople, Recognised } from '../people/recognise.ts';
import { blamesData } from '../store/failures.ts';
import type { Store } from '../store/store.ts';
import { type ArrivalOutcome, type Read, writeArrival } from './arrival.ts';
import { clean } from './clean.ts';
import { createGroup } from './group.ts';
import { createHeard } from './heard.ts';
import { type Fence, LeaseLost } from './leases.ts';

/** A configured channel: its name and its connector. */
export interface ChannelRuntime {
  readonly name: string;
  readonly connector: Channel;
}

export interface Accept {
  readonly channel: ChannelRuntime;
  readonly proof: Verified;
  readonly payload: Json;
  /** The JSON text that `payload` was parsed from, if there is one: kept as it came. */
  readonly text?: string;
  /** The sender's own id of the delivery: a repeat is stored once. */
  readonly deliveryKey?: string | undefined;
  /** Where the poller or session stands after this, committed with it. */
  readonly cursor?: { readonly intake: string; readonly value: string } | undefined;
  /** Under which a session or poller brings it: whoever lost it stores nothing, and is told by LeaseLost. */
  readonly lease?: Fence | undefined;
  readonly receivedAt?: number;
}

export interface Intake {
  /** Resolves after COMMIT. What is not understood is kept, and resolves as quarantined; a rejection means that nothing is stored and the sender should come again. */
  accept(input: Accept): Promise<IntakeOutcome>;
  /** Keeps a verified delivery that could not even be read. */
  quarantine(input: { channel: string; payload: Json; error: string; deliveryKey?: string | undefined; receivedAt?: number }): Promise<IntakeOutcome>;
  /** Reads a stored arrival again; see quarantine.ts. */
  again(input: { channel: ChannelRuntime; arrival: string; proof: Verified; payload: Json; receivedAt: number }): Promise<IntakeOutcome>;
  /** Writes the events that an enrichment brought, and forgets the enrichment, in one transaction. Rejects where one of them could not be written. */
  enriched(input: { channel: ChannelRuntime; arrival: string; enrichment: string; events: readonly InboundEvent[] }): Promise<void>;
  /** Contacts were changed by someone else (erased, joined): look them up anew. */
  forgetPeople(): void;
}

export interface IntakeOptions {
  readonly store: Store;
  readonly now: () => number;
  readonly id: () => string;
  readonly log: Log;
  /** Called once a payload is on disk, for figures. */
  arrived?(channel: string, state: IntakeOutcome['state']): void;
}

const knownPeople = 20_000;

export function createIntake({ store, now, id, log, arrived }: IntakeOptions): Intake {
  const people = new Map<string, Recognised>();

  function remember(fresh: ReadonlyMap<string, Recognised>): void {
    for (const [signature, person] of fresh) {
      people.delete(signature);
      people.set(signature, person);
      if (people.size > knownPeople) people.delete(people.keys().next().value ?? '');
    }
  }

  const group = createGroup<Read, ArrivalOutcome>({
    async commit(reads, at) {
      const fresh = new Map<string, Recognised>();
      const results = await store.batch(async (db) => {
        // A transaction that runs again starts from what was committed before.
        fresh.clear();
        const known = knownFrom(people, fresh);
        const heard = createHeard();
        const desk = { db, now: now(), id, known, heard: heard.add };
        const outcomes: ArrivalOutcome[] = [];
        for (const [index, read] of inOrder(reads, db.engine)) {
          at(index);
          outcomes[index] = await writeArrival(desk, read);
        }
        at(-1);
        await heard.write(db);
        return outcomes;
      });
      remember(fresh);
      return results;
    },
    blames: (error) => {
      people.clear();
      return blamesData(error);
    },
    async rescue(read, error) {
      log.warn({ channel: read.channel, arrival: read.id, error: String(error) }, 'an arrival could not be written and is quarantined');
      const kept = { ...read, events: [], error: `could not be written: ${messageOf(error)}` };
      return store.batch((db) => writeArrival({ db, now: now(), id, known: nobody }, kept));
    },
  });

  async function join(read: Read): Promise<IntakeOutcome> {
    const outcome = unfenced(await group.join(read), read);
    arrived?.(read.channel, outcome.state);
    return outcome;
  }

  return {
    async accept(input) {
      const receivedAt = input.receivedAt ?? now();
      const read = await understand(input.channel.connector, arrival(input.proof, input.payload, receivedAt));
      if (read.error !== null) log.warn({ channel: input.channel.name, error: read.error }, 'an arrival was not understood and is quarantined');
      return join({
        id: id(),
        channel: input.channel.name,
        key: input.deliveryKey ?? null,
        receivedAt,
        payload: input.text ?? JSON.stringify(input.payload),
        cursor: input.cursor ?? null,
        lease: input.lease,
        replay: null,
        ...read,
      });
    },
    async quarantine(input) {
      const { channel, payload, error, deliveryKey = null, receivedAt = now() } = input;
      log.warn({ channel, error }, 'a delivery was not understood and is quarantined');
      return join({ id: id(), channel, key: deliveryKey, receivedAt, payload: JSON.stringify(payload), cursor: null, replay: null, events: [], error });
    },
    async again(input) {
      const read = await understand(input.channel.connector, arrival(input.proof, input.payload, input.receivedAt));
      const again: Read = {
        id: input.arrival,
        channel: input.channel.name,
        key: null,
        receivedAt: input.receivedAt,
        payload: '',
        cursor: null,
        replay: 'arrival',
        ...read,
      };
      return unfenced(await group.join(again), again);
    },
    async enriched({ channel, arrival: of, enrichment, events }) {
      const read = { id: of, channel: channel.name, key: null, receivedAt: now(), payload: '', cursor: null, error: null };
      const outcome = await group.join({ ...read, events: events.map(clean), replay: { enrichment } });
      if (outcome.state === 'quarantined') throw new Error('what was fetched could not be written');
    },
    forgetPeople: () => people.clear(),
  };
}

function unfenced(outcome: ArrivalOutcome, read: Read): IntakeOutcome {
  if (outcome.state === 'fenced') throw new LeaseLost(read.lease?.name ?? read.channel);
  return outcome;
}

/** What was recognised in this transaction first, then what was committed before it. Once contacts were joined, neither holds. */
function knownFrom(people: Map<string, Recognised>, fresh: Map<string, Recognised>): KnownPeople {
  return {
    get: (key) => fresh.get(key) ?? people.get(key),
    set: (key, person) => fresh.set(key, person),
    forget() {
      fresh.clear();
      people.clear();
    },
  };
}

const nobody: KnownPeople = { get: () => undefined, set() {}, forget() {} };

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500);

async function understand(channel: Channel, came: VerifiedArrival): Promise<{ events: readonly InboundEvent[]; error: string | null }> {
  try {
    const unpacked = channel.unpack ? await channel.unpack(came) : came;
    return { events: channel.normalize(unpacked).map(clean), error: null };
  } catch (error) {
    return { events: [], error: messageOf(error) || 'not understood' };
  }
}

/** With several writers, rows are taken in the order of their keys, so that two batches seldom wait for each other in a circle. */
function inOrder(reads: readonly Read[], engine: 'sqlite' | 'postgres'): readonly (readonly [number, Read])[] {
  const indexed = [...reads.entries()];
  if (engine === 'sqlite') return indexed;
  const key = ({ channel, events: [first] }: Read): string => `${channel}\n${first?.thread ?? ''}`;
  return indexed
    .map(([index, read]) => ({ index, read, key: key(read) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index))
    .map(({ index, read }) => [index, read] as const);
}
