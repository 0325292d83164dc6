/** Kills the server again and again: half at random, half aimed. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Aim, type AimedPlace, aimedPlaces, type Place } from './aim.ts';
import type { Random } from './random.ts';
import type { ServerUnderTest } from './server.ts';

export interface KillParts {
  readonly server: ServerUnderTest;
  readonly aim: Aim;
  readonly random: Random;
  readonly kills: number;
  /** All kills at this place alone. */
  readonly only: AimedPlace | undefined;
  /** Told after each kill. */
  killed(count: number): void;
}

/** A start takes one to two seconds; a random kill comes while it starts or a moment after. */
const startMs = 1500;
const workMs = 1000;
/** Whoever is aimed at comes by within this time, else the kill is one at random. */
const patienceMs = 2500;

export async function killAgainAndAgain(parts: KillParts): Promise<ReadonlyMap<Place, number>> {
  const places = new Map<Place, number>();
  for (let count = 1; count <= parts.kills; count += 1) {
    const place = await killOnce(parts);
    places.set(place, (places.get(place) ?? 0) + 1);
    await parts.server.gone();
    parts.server.launch();
    parts.killed(count);
  }
  return places;
}

async function killOnce({ server, aim, random, only }: KillParts): Promise<Place> {
  const aimed = only !== undefined || random.chance(0.5);
  const place = only ?? random.pick(aimedPlaces);
  const skip = random.below(3);
  const starting = random.chance(0.2);
  const ms = random.below(starting ? startMs : workMs);
  if (!aimed && starting) {
    await wait(ms);
    server.kill();
    return 'at random: starting';
  }
  await server.up();
  if (aimed && (await aim.at(place, skip, patienceMs))) return place;
  if (!aimed) await wait(ms);
  server.kill();
  return 'at random: at work';
}
