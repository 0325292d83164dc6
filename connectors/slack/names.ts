/** Puts names to ids: before a message is written, if Slack answers in time, else afterwards. */
import { z } from 'zod';
import type { InboundEvent, VerifiedArrival } from '../../src/kit/index.ts';
import type { Directory } from './directory.ts';
import { idsIn, textOf } from './normalize.ts';
import { partyOf, type Rules } from './party.ts';
import { message, nobodyKnown } from './payload.ts';

/** Slack wants its answer within 3 s; the commit needs some of it. */
export const patienceMs = 1000;

/** `user` is an id in messages and reactions, and a whole person in `user_change`. */
const stub = z.looseObject({ user: z.unknown().optional(), message: z.unknown().optional(), previous_message: z.unknown().optional() });
const outer = z.looseObject({ event: stub.optional(), message: z.unknown().optional() });

/** People and places of whatever messages a payload holds; nothing for one that is not understood: `normalize` says why. */
function idsOf(payload: unknown): { people: string[]; channels: string[] } {
  const found = outer.safeParse(payload);
  if (!found.success) return { people: [], channels: [] };
  const { event } = found.data;
  const messages = [event, event?.message, event?.previous_message, found.data.message].flatMap((one) => {
    const parsed = message.safeParse(one);
    return parsed.success ? [idsIn(parsed.data)] : [];
  });
  const reacting = typeof event?.user === 'string' ? [event.user] : [];
  return {
    people: [...new Set([...reacting, ...messages.flatMap(({ people }) => people)])],
    channels: [...new Set(messages.flatMap(({ channels }) => channels))],
  };
}

export async function withNames(arrival: VerifiedArrival, directory: Directory): Promise<VerifiedArrival> {
  const { payload } = arrival;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return arrival;
  return { ...arrival, payload: { ...payload, known: await directory.within(patienceMs, idsOf(payload)) } };
}

const wanted = z.object({ people: z.array(z.string()), channels: z.array(z.string()), message, team: z.string() });

/** The event once more, with the names that were missing; those that Slack does not know either stay ids. */
export async function named(event: InboundEvent, directory: Directory, rules: Rules): Promise<readonly InboundEvent[]> {
  const parsed = wanted.safeParse(event.enrich);
  if (!parsed.success || (event.type !== 'message' && event.type !== 'edited')) return [];
  const { message: raw, team } = parsed.data;
  const known = { ...nobodyKnown, ...(await directory.all(idsIn(raw))) };
  const { enrich: _asked, ...rest } = event;
  const text = textOf(raw, { known });
  if (rest.type === 'edited') return [{ ...rest, text }];
  const isPerson = raw.user !== undefined && raw.user === rest.from.id;
  return [{ ...rest, text, ...(isPerson && { from: partyOf(rest.from.id, { team, app: undefined, known, rules }) }) }];
}
