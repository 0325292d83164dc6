/**
 * Helpdesks change under our feet: a choice is renamed, a field becomes mandatory. Each mapping in force is compared with what its helpdesks say now, so that
 * ops hear of it before an agent's closing is refused.
 */
import type { DeskField, Json, Log } from '../kit/index.ts';
import { checkLive } from '../mapping/check-live.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import type { MappingProblem } from '../mapping/evaluate.ts';
import { fieldsFor } from '../mapping/fields.ts';
import type { Mappings } from '../mapping/load.ts';
import type { Desk } from '../tickets/desks.ts';
import { startLooks } from './looks.ts';

export interface DriftParts {
  readonly mappings: Pick<Mappings, 'current'>;
  readonly desks: ReadonlyMap<string, Desk>;
  now(): number;
  readonly log: Log;
}

export interface Drift {
  /** Where the mappings in force do not fit their helpdesks, as of the last look. */
  problems(): readonly MappingProblem[];
  look(): Promise<void>;
}

/** A field that became mandatory is news for this long; agents have met it in the dialog by then. */
const newsMs = 14 * 24 * 3_600_000;

/** When each mandatory field was first seen to be so, epoch ms; 0 for those of the first look of all. */
type Required = { readonly [field: string]: number };

async function requiredSince(desk: Desk, fields: readonly DeskField[], now: number): Promise<Required> {
  const before = await desk.records.get<Required>('core:required', 'fields');
  const names = fields.filter(({ required, when }) => required !== 'never' && !when).map(({ name }) => name);
  const after: Required = Object.fromEntries(names.map((name) => [name, before ? (before[name] ?? now) : 0]));
  if (JSON.stringify(after) === JSON.stringify(before)) return after;
  if (!(await desk.records.insert('core:required', 'fields', after as Json))) await desk.records.update<Json>('core:required', 'fields', () => after as Json);
  return after;
}

function unfilled(mapping: CompiledMapping, desk: Desk, fields: readonly DeskField[], since: Required, now: number): readonly MappingProblem[] {
  if (mapping.helpdesk !== desk.name) return [];
  const filled = fieldsFor(mapping.parsed.fields, desk.name).values;
  return fields
    .filter(({ name }) => (since[name] ?? 0) > now - newsMs && !(name in filled))
    .map(({ label, name, required }) => ({
      file: mapping.file,
      line: mapping.lineOf(mapping.parsed.fields ? ['fields'] : ['helpdesk']),
      path: 'fields',
      message: `${desk.name} now requires ${label} (${name})${required === 'to-resolve' ? ' to resolve a ticket' : ''}: agents are asked for it unless \`fields\` gives it`,
    }));
}

export function createDrift({ mappings, desks, now, log }: DriftParts): Drift {
  let found: readonly MappingProblem[] = [];
  const told = (problem: MappingProblem): string => JSON.stringify(problem);

  async function ofDesk(desk: Desk): Promise<readonly MappingProblem[]> {
    const { schema } = await desk.schema();
    if (!schema) return [];
    const since = await requiredSince(desk, schema.fields, now());
    return [...mappings.current().mappings.values()].flatMap((mapping) => [
      ...checkLive(mapping, { [desk.name]: schema }),
      ...unfilled(mapping, desk, schema.fields, since, now()),
    ]);
  }

  return {
    problems: () => found,
    async look() {
      const known = new Set(found.map(told));
      found = (await Promise.all([...desks.values()].map(ofDesk))).flat();
      for (const problem of found) if (!known.has(told(problem))) log.warn(problem, 'a mapping does not fit its helpdesk any more');
    },
  };
}

/** The schema behind it is read anew every ten minutes at most. */
export function startDrift(parts: DriftParts, everyMs = 60_000): Drift & { stop(): Promise<void> } {
  const drift = createDrift(parts);
  return { ...drift, ...startLooks('comparing mappings with their helpdesks', drift.look, parts.log, everyMs) };
}
