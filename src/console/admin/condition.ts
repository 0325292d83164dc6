/** How a channel or helpdesk is doing in one word: what its vendor, its intakes, its canary and its silence say together. Pure. */
import type { HealthView } from '../../api/contract.ts';

/** `watch`: it may be nothing, and somebody should look. */
export type Condition = HealthView['state'] | 'watch';

export function conditionOf({ state, intakes, silence, canary, sending }: HealthView): Condition {
  // What another process runs is that one's to tell.
  const mine = intakes.filter(({ standby }) => !standby);
  const deaf = mine.some((one) => one.state === 'unpaired' || one.state === 'failed') || canary?.state === 'missing' || canary?.state === 'failed';
  if (state === 'trouble' || sending.state === 'trouble' || deaf) return 'trouble';
  return silence || mine.some((one) => one.state === 'reconnecting') ? 'watch' : state;
}

export const needsLook = (health: HealthView): boolean => ['trouble', 'watch'].includes(conditionOf(health));

/** The channel's account is linked by a code that somebody must scan. */
export const isUnpaired = ({ intakes }: HealthView): boolean => intakes.some(({ state, standby }) => state === 'unpaired' && !standby);
