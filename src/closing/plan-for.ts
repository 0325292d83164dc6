/** Plans on a fresh snapshot: what `preview` shows and `commit` checks again. */
import type { PlanRequest } from './commit.ts';
import type { Plan } from './plan.ts';
import { planClosing } from './planner.ts';
import { type SnapshotParts, snapshot } from './snapshot.ts';

export const planFor =
  (parts: SnapshotParts) =>
  async ({ conversation, decision, viewer }: PlanRequest): Promise<Plan | undefined> => {
    const facts = await snapshot(parts, conversation, viewer, decision);
    return facts && planClosing(decision, facts);
  };
