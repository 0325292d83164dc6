/** A folder of mapping files: which version of each is in force, and which file a channel belongs to. Pure. */
import { type CompiledMapping, compileMapping } from './compile.ts';
import type { MappingProblem } from './evaluate.ts';

export interface MappingText {
  /** As people find it: `mappings/academias.yaml`. */
  readonly file: string;
  readonly text: string;
}

export interface InForce {
  /** By file. */
  readonly mappings: ReadonlyMap<string, CompiledMapping>;
  /** Why the newest version of a file is not in force. */
  readonly problems: readonly MappingProblem[];
}

export const EMPTY: InForce = { mappings: new Map(), problems: [] };

/** The first channel that another file has taken already. */
function conflictOf(mapping: CompiledMapping, taken: ReadonlyMap<string, string>): MappingProblem | undefined {
  const index = mapping.channels.findIndex((channel) => taken.has(channel));
  const channel = mapping.channels[index];
  if (channel === undefined) return undefined;
  const any = channel === '*';
  const message = any ? `${taken.get(channel)} already takes all other channels` : `the channel ${channel} belongs to ${taken.get(channel)} already`;
  return {
    file: mapping.file,
    line: mapping.lineOf(any ? ['for', 'channels'] : ['for', 'channels', index]),
    path: any ? 'for.channels' : `for.channels[${index}]`,
    message,
  };
}

interface Candidate {
  readonly file: string;
  readonly next: CompiledMapping | undefined;
  readonly last: CompiledMapping | undefined;
  readonly problems: readonly MappingProblem[];
}

function candidateOf({ file, text }: MappingText, last: CompiledMapping | undefined): Candidate {
  const compiled = compileMapping(text, file);
  return 'mapping' in compiled ? { file, next: compiled.mapping, last, problems: [] } : { file, next: undefined, last, problems: compiled.problems };
}

/**
 * The new state of a folder. A broken file, or one that claims another's channel, is refused and its last good version stays
 * in force. A file that is gone takes its mapping with it.
 */
export function accept(previous: InForce, files: readonly MappingText[]): InForce {
  const candidates = files.map((file) => candidateOf(file, previous.mappings.get(file.file)));
  // Who held a channel keeps it: files that did not change, or fell back, come before those that did.
  const settled = ({ next, last }: Candidate) => (next === undefined || next.version === last?.version ? 0 : 1);
  const ordered = candidates.toSorted((a, b) => settled(a) - settled(b) || a.file.localeCompare(b.file));
  const taken = new Map<string, string>();
  const mappings = new Map<string, CompiledMapping>();
  const problems: MappingProblem[] = [];
  for (const { file, next, last, problems: broken } of ordered) {
    problems.push(...broken);
    for (const version of [next, last]) {
      if (!version) continue;
      const conflict = conflictOf(version, taken);
      if (conflict && version === next) problems.push(conflict);
      if (conflict) continue;
      for (const channel of version.channels) taken.set(channel, file);
      mappings.set(file, version);
      break;
    }
  }
  return { mappings, problems };
}

/** The mapping that names the channel, else the one for any channel. */
export function mappingFor({ mappings }: InForce, channel: string): CompiledMapping | undefined {
  const all = [...mappings.values()];
  return all.find(({ channels }) => channels.includes(channel)) ?? all.find(({ channels }) => channels.includes('*'));
}
