/** Whether the server can do its work now: what a load balancer asks before it sends anybody here. */
import type { Store } from '../store/store.ts';

export interface ReadyParts {
  readonly store: Pick<Store, 'read'>;
  /** Milliseconds; default 2000. */
  readonly patienceMs?: number;
}

/** Why not, in words; empty when it is ready. Never rejects, and never takes longer than its patience. */
export function createReadiness({ store, patienceMs = 2_000 }: ReadyParts): () => Promise<readonly string[]> {
  return async () => {
    const { promise: late, resolve } = Promise.withResolvers<false>();
    const timer = setTimeout(() => resolve(false), patienceMs);
    const asked = store.read
      .selectFrom('settings')
      .select('name')
      .limit(1)
      .execute()
      .then(
        () => true,
        () => false,
      );
    const answers = await Promise.race([asked, late]).finally(() => clearTimeout(timer));
    return answers ? [] : ['the database does not answer'];
  };
}
