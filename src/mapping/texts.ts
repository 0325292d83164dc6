/** Texts with placeholders, in Liquid. No files, no included templates, limits on time and size; a typo fails when the file is loaded. */
import { Liquid, type Template } from 'liquidjs';
import { didYouMean } from './suggest.ts';

/** Milliseconds, characters and memory units that one text may take. */
const LIMITS = { parseLimit: 20_000, renderLimit: 1000, memoryLimit: 200_000 };

function createEngine(): Liquid {
  const engine = new Liquid({ ...LIMITS, strictFilters: true, strictVariables: true, lenientIf: true, ownPropertyOnly: true, cache: false, templates: {} });
  for (const tag of ['include', 'render', 'layout', 'block']) delete engine.tags[tag];
  return engine;
}

const engine = createEngine();

/** What a text may speak of. Members of `open` objects are the helpdesk's own fields and known only there. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  title: [],
  channel: [],
  helpdesk: [],
  date: [],
  contact: ['name', 'company'],
  agent: ['name', 'email', 'team', 'teams'],
  served_company: ['name', 'brand'],
  company: ['name', 'brand'],
  topic: ['key', 'title'],
  outcome: ['status', 'label', 'date'],
  impact: ['id', 'label', 'priority'],
};
const OPEN = new Set(['served_company', 'company']);

export interface TextProblem {
  /** Line within the text, from 1. */
  readonly line: number;
  readonly message: string;
}

export interface CompiledText {
  /** Names of the variables that the text speaks of: `served_company`. */
  readonly uses: ReadonlySet<string>;
  /** Throws where a value that the text speaks of is not there. */
  render(values: Readonly<Record<string, unknown>>): string;
}

interface Named {
  readonly segments: readonly unknown[];
  readonly location: { readonly row: number };
}

function variableProblem({ segments, location }: Named, allowed: ReadonlySet<string> | undefined): TextProblem | undefined {
  const [root, member] = segments.map(String);
  const roots = Object.keys(VARIABLES).filter((name) => !allowed || allowed.has(name));
  if (root === undefined || !roots.includes(root)) {
    return { line: location.row, message: `unknown variable "${segments.join('.')}"${didYouMean(String(root), roots)}` };
  }
  const members = VARIABLES[root] ?? [];
  if (member === undefined || members.includes(member) || OPEN.has(root)) return undefined;
  return { line: location.row, message: `unknown variable "${root}.${member}"${didYouMean(member, members)}` };
}

/** Liquid says "line:2, col:1" at the end of its messages; we say the line of the file instead. */
const plain = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/, line:\d+, col:\d+$/, '');

function lineOfError(error: unknown): number {
  const token: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'token') : undefined;
  const position: unknown =
    typeof token === 'object' && token !== null && 'getPosition' in token && typeof token.getPosition === 'function' ? token.getPosition() : undefined;
  return Array.isArray(position) && typeof position[0] === 'number' ? position[0] : 1;
}

function parse(text: string): { templates: Template[]; named: readonly Named[] } {
  const templates = engine.parse(text);
  const named = Object.values(engine.analyzeSync(templates).globals).flat();
  return { templates, named };
}

/** What is wrong with a text; `allowed` narrows the variables that it may use. */
export function textProblems(text: string, allowed?: readonly string[]): readonly TextProblem[] {
  try {
    const only = allowed && new Set(allowed);
    return parse(text).named.flatMap((one) => variableProblem(one, only) ?? []);
  } catch (error) {
    return [{ line: lineOfError(error), message: plain(error) }];
  }
}

/** Compiles a text that `textProblems` found nothing wrong with. */
export function compileText(text: string): CompiledText {
  const { templates, named } = parse(text);
  return {
    uses: new Set(named.map(({ segments }) => String(segments[0]))),
    render(values) {
      try {
        const rendered: unknown = engine.renderSync(templates, { ...values });
        return String(rendered);
      } catch (error) {
        throw new Error(plain(error), { cause: error });
      }
    },
  };
}

export const isTemplate = (text: string): boolean => /\{\{|\{%/.test(text);
