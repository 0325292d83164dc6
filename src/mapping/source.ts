/** A YAML file that remembers its lines, so that every complaint and every value can say where it comes from. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { MappingProblem } from './evaluate.ts';

export type Path = readonly PropertyKey[];

export interface Source {
  readonly file: string;
  /** The data as plain JSON. */
  readonly data: unknown;
  /** Line (from 1) of the nearest node on the path that exists. */
  lineOf(path: Path): number;
  /** True where the value stands as a block (`|` or `>`), whose text starts on the next line. */
  isBlock(path: Path): boolean;
}

/** `impact[2].priority`. */
export const tellPath = (path: Path): string =>
  path.reduce<string>((told, part) => (typeof part === 'number' ? `${told}[${part}]` : told ? `${told}.${String(part)}` : String(part)), '');

/** `mappings/academias.yaml:31: impact[2].priority: is missing`. */
export const tellProblem = (problem: MappingProblem): string => `${problem.file}:${problem.line}: ${problem.path ? `${problem.path}: ` : ''}${problem.message}`;

/** The value at a path of plain data. */
export function valueAt(data: unknown, path: Path): unknown {
  let here = data;
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined;
    here = Reflect.get(here, part);
  }
  return here;
}

interface Found {
  readonly offset: number;
  readonly node: unknown;
}

/** Where a key or item starts, and its node. */
function step(node: unknown, part: PropertyKey): Found | undefined {
  if (isSeq(node) && typeof part === 'number') {
    const item = node.items[part] as Node | undefined;
    return item?.range ? { offset: item.range[0], node: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  for (const pair of node.items) {
    const key = pair.key;
    if (isScalar(key) && String(key.value) === String(part) && key.range) return { offset: key.range[0], node: pair.value };
  }
  return undefined;
}

function locate(root: unknown, path: Path): Found {
  let here: Found = { offset: 0, node: root };
  for (const part of path) {
    const next = step(here.node, part);
    if (!next) break;
    here = next;
  }
  return here;
}

export function readSource(text: string, file: string): { source: Source } | { problems: readonly MappingProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return { problems: faults.map((fault) => ({ file, line: Math.max(1, lines.linePos(fault.pos[0]).line), path: '', message: fault.message })) };
  }
  try {
    const data: unknown = document.toJS({ maxAliasCount: 50 });
    const lineOf = (path: Path) => Math.max(1, lines.linePos(locate(document.contents, path).offset).line);
    const isBlock = (path: Path) => {
      const { node } = locate(document.contents, path);
      return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
    };
    return { source: { file, data, lineOf, isBlock } };
  } catch (error) {
    return { problems: [{ file, line: 1, path: '', message: error instanceof Error ? error.message : String(error) }] };
  }
}
