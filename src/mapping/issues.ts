/** Tells what the schema refused in the words of someone who edits the file. */
import type { z } from 'zod';
import type { MappingProblem } from './evaluate.ts';
import { jsonSchema } from './schema.ts';
import { type Path, type Source, tellPath, valueAt } from './source.ts';
import { didYouMean } from './suggest.ts';

type Issue = z.core.$ZodIssue;
type JsonNode = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is JsonNode => typeof value === 'object' && value !== null && !Array.isArray(value);

let generated: JsonNode | undefined;
const root = (): JsonNode => {
  generated ??= jsonSchema();
  return generated;
};

/** A node with its alternatives and references followed. */
function alternatives(node: unknown): readonly JsonNode[] {
  if (!isNode(node)) return [];
  if (typeof node.$ref === 'string') return alternatives(valueAt(root(), node.$ref.split('/').slice(1)));
  const inner = [node.anyOf, node.oneOf, node.allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return [node, ...inner.flatMap(alternatives)];
}

/** The keys that the schema knows at a path, to suggest one for a typo. */
export function keysAt(path: Path): readonly string[] {
  let nodes = alternatives(root());
  for (const part of path) {
    nodes = nodes.flatMap((node) => {
      if (typeof part === 'number') return alternatives(node.items);
      const named = isNode(node.properties) ? node.properties[String(part)] : undefined;
      return alternatives(named ?? node.additionalProperties);
    });
  }
  return [...new Set(nodes.flatMap((node) => (isNode(node.properties) ? Object.keys(node.properties) : [])))];
}

const told = (value: unknown): string => (isNode(value) ? 'a map' : Array.isArray(value) ? 'a list' : value === null ? 'nothing' : JSON.stringify(value));

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  null: 'null',
};

/** Of a union, the branch that the writer most likely meant: the one of the right kind whose complaints lie deepest. */
function likeliest(branches: readonly (readonly Issue[])[], kind: 'map' | 'other'): readonly Issue[] | undefined {
  const depth = (issues: readonly Issue[]) => Math.max(0, ...issues.map(({ path, code }) => path.length + (code === 'unrecognized_keys' ? 1 : 0)));
  const meant = branches.filter(
    (issues) => !issues.some(({ path, code }) => path.length === 0 && (code === 'invalid_type' || (kind === 'map' && code === 'invalid_value'))),
  );
  return meant.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
}

function valueMessage(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined ? 'is missing' : `must be ${KINDS[issue.expected] ?? issue.expected}, but is ${told(value)}`;
    case 'invalid_value': {
      const choices = issue.values.map(String);
      if (value === undefined) return 'is missing';
      if (choices.length === 1) return `must be ${choices[0]}, but is ${told(value)}`;
      const near = didYouMean(String(value), choices);
      return near.startsWith(';') ? `${told(value)} is not known${near}` : `${told(value)} is none of ${choices.join(', ')}`;
    }
    case 'too_small':
      return issue.origin === 'number' ? `must be at least ${issue.minimum}` : `is too short: at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'number' ? `must be at most ${issue.maximum}` : `is too long: at most ${issue.maximum}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'is no good key';
    default:
      return issue.message;
  }
}

function lineOf(issue: Issue, path: Path, source: Source): number {
  const line = source.lineOf(path);
  const textLine: unknown = issue.code === 'custom' ? issue.params?.textLine : undefined;
  // A block text starts on the line below its key; a quoted one on the same.
  return typeof textLine === 'number' ? line + textLine - (source.isBlock(path) ? 0 : 1) : line;
}

/**
 * One issue as problems of the file: an unknown key each its own, a union as the branch that was meant. `keys` tells what the schema knows at a path; a
 * mapping's own unless given.
 */
export function tellIssue(issue: Issue, source: Source, base: Path = [], keys: (path: Path) => readonly string[] = keysAt): readonly MappingProblem[] {
  const path = [...base, ...issue.path];
  const value = valueAt(source.data, path);
  if (issue.code === 'unrecognized_keys') {
    const known = keys(path);
    return issue.keys.map((key) => ({
      file: source.file,
      line: source.lineOf([...path, key]),
      path: tellPath([...path, key]),
      message: `unknown key "${key}"${didYouMean(key, known)}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    const meant = likeliest(issue.errors, isNode(value) ? 'map' : 'other');
    if (meant && value !== undefined) return meant.flatMap((inner) => tellIssue(inner, source, path, keys));
    return [{ file: source.file, line: source.lineOf(path), path: tellPath(path), message: value === undefined ? 'is missing' : `cannot be ${told(value)}` }];
  }
  return [{ file: source.file, line: lineOf(issue, path, source), path: tellPath(path), message: valueMessage(issue, value) }];
}
