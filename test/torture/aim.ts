/** Where kills are aimed: places that senders and simulators call out, at one of which the server dies that very moment. */
export const aimedPlaces = [
  'helpdesk: asked',
  'helpdesk: done, not answered',
  'helpdesk: answered',
  'customer: asked',
  'customer: reached, not answered',
  'message acknowledged',
  'closing acknowledged',
  'reply acknowledged',
] as const;
export type AimedPlace = (typeof aimedPlaces)[number];
export type Place = AimedPlace | 'at random: starting' | 'at random: at work';

export interface Aim {
  /** Called out by whoever stands at the place. The kill happens before this returns. */
  reached(place: AimedPlace): void;
  /** The server dies at the place after `skip` others have passed it; false when nobody came there within `patienceMs`. */
  at(place: AimedPlace, skip: number, patienceMs: number): Promise<boolean>;
}

export function createAim(kill: () => void): Aim {
  let armed: { place: AimedPlace; skip: number; hit: (hit: boolean) => void } | undefined;
  return {
    reached(place) {
      if (armed?.place !== place) return;
      if (armed.skip > 0) {
        armed.skip -= 1;
        return;
      }
      const { hit } = armed;
      armed = undefined;
      kill();
      hit(true);
    },
    async at(place, skip, patienceMs) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      armed = { place, skip, hit: resolve };
      const timer = setTimeout(() => {
        armed = undefined;
        resolve(false);
      }, patienceMs);
      return promise.finally(() => clearTimeout(timer));
    },
  };
}
