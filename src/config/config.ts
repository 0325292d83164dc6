/** deskbridge.yaml and the environment become one typed, frozen object. Every problem is told at once, with file and line. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { tellIssue } from '../mapping/issues.ts';
import { type Path, readSource, type Source, tellPath, tellProblem } from '../mapping/source.ts';
import { ConfigError, type Environment } from './environment.ts';
import { resolveReferences, type Unresolved, type Variables } from './references.ts';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'use lower-case letters, digits and dashes');

/** The keys that every channel or helpdesk has; all others belong to its connector's settings. */
const entry = z.looseObject({
  connector: z.string().describe('Folder name under connectors/'),
  title: z.string().optional().describe('Name that agents see'),
  mails: z.string().optional().describe('For a helpdesk: what it mails to customers by itself, confirmed by ops, in words, or `none`. Unknown when absent'),
});

const fileSchema = z.strictObject({
  channels: z.record(name, entry).default({ 'site-chat': { connector: 'chat-widget', title: 'Chat' } }),
  helpdesks: z.record(name, entry).default({ desk: { connector: 'desk', title: 'Desk', mails: 'none' } }),
  hold_seconds: z.number().int().min(0).max(600).default(30).describe('How long an agent can undo a closing before anything is sent'),
  call_seconds: z.number().min(0.1).max(600).default(20).describe('How long one call to a vendor may take before it counts as unanswered'),
  egress: z
    .strictObject({ allow: z.array(z.string()).default([]) })
    .default({ allow: [] })
    .describe('Private networks that connectors may reach, as CIDR'),
});
export type ConnectorEntry = z.output<typeof entry>;

type Section = 'channels' | 'helpdesks';

export interface Config {
  readonly environment: Environment;
  readonly file: string;
  readonly channels: Readonly<Record<string, ConnectorEntry>>;
  readonly helpdesks: Readonly<Record<string, ConnectorEntry>>;
  readonly holdSeconds: number;
  readonly callSeconds: number;
  readonly egressAllow: readonly string[];
  /** Without a trailing slash. */
  readonly publicUrl: string;
  /** What is wrong with the file so far; `configuredConnectors` throws it together with what is wrong with the connectors' own settings. */
  readonly problems: readonly string[];
  /** A problem at a path of the file, as people read it: `deskbridge.yaml:12: channels.shop.secret: is missing`. */
  tell(path: Path, message: string): string;
  /** Issues of a connector's own settings, which stand at `base`. Those of a text that could not be found are left out: that is told already. */
  tellIssues(issues: readonly z.core.$ZodIssue[], base: Path, keys: readonly string[]): readonly string[];
}

interface FileText {
  readonly source: Source;
  readonly unresolved: readonly Unresolved[];
}

/** Throws ConfigError for a file that cannot be read as YAML at all. */
function readFile(file: string, text: string, variables: Variables): FileText {
  const read = readSource(text, file);
  if ('problems' in read) throw new ConfigError(read.problems.map(tellProblem));
  const unresolved: Unresolved[] = [];
  const data = resolveReferences(read.source.data ?? {}, variables, unresolved);
  return { source: { ...read.source, data }, unresolved };
}

const topKeys = (path: Path): readonly string[] =>
  path.length === 0 ? Object.keys(fileSchema.shape) : path[0] === 'egress' ? ['allow'] : Object.keys(entry.shape);

/** The good entries of a section whose others are told as problems, so that all connectors are checked in one go. */
function goodEntries(data: unknown, section: Section): Readonly<Record<string, ConnectorEntry>> {
  const given = typeof data === 'object' && data !== null ? (Reflect.get(data, section) as unknown) : undefined;
  if (given === undefined) return fileSchema.shape[section].parse(undefined);
  if (typeof given !== 'object' || given === null) return {};
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => {
      const parsed = entry.safeParse(value);
      return parsed.success && name.safeParse(key).success ? [[key, parsed.data]] : [];
    }),
  );
}

/** A name is the owner of stored data and the label of figures, so no channel may share one with a helpdesk. */
const twice = (channels: object, helpdesks: object): readonly string[] => Object.keys(helpdesks).filter((key) => key in channels);

export function readConfig(environment: Environment, variables: Variables): Config {
  const file = resolve(environment.DESKBRIDGE_CONFIG ?? 'deskbridge.yaml');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (environment.DESKBRIDGE_CONFIG && !text) throw new ConfigError([`${file}: this file does not exist or is empty`]);
  const { source, unresolved } = readFile(file, text, variables);
  const tell = (path: Path, message: string): string => tellProblem({ file, line: source.lineOf(path), path: tellPath(path), message });
  const told = new Set(unresolved.map(({ path }) => tellPath(path)));
  const tellIssues = (issues: readonly z.core.$ZodIssue[], base: Path, keys: (path: Path) => readonly string[]): readonly string[] =>
    issues.filter(({ path }) => !told.has(tellPath([...base, ...path]))).flatMap((issue) => tellIssue(issue, source, base, keys).map(tellProblem));

  const parsed = fileSchema.safeParse(source.data);
  const [channels, helpdesks] = [goodEntries(source.data, 'channels'), goodEntries(source.data, 'helpdesks')];
  const { hold_seconds, call_seconds, egress } = parsed.success ? parsed.data : fileSchema.parse({});
  return Object.freeze({
    environment,
    file,
    channels,
    helpdesks,
    holdSeconds: hold_seconds,
    callSeconds: call_seconds,
    egressAllow: [...egress.allow, ...(environment.EGRESS_ALLOW_LOOPBACK ? ['127.0.0.0/8', '::1/128'] : [])],
    publicUrl: (environment.PUBLIC_URL ?? `http://localhost:${environment.PORT}`).replace(/\/+$/, ''),
    problems: [
      ...(existsSync(environment.MAPPINGS_DIR) ? [] : [`environment: MAPPINGS_DIR: the folder ${environment.MAPPINGS_DIR} does not exist`]),
      ...unresolved.map(({ path, message }) => tell(path, message)),
      ...(parsed.success ? [] : tellIssues(parsed.error.issues, [], topKeys)),
      ...twice(channels, helpdesks).map((key) => tell(['helpdesks', key], 'a channel has this name already')),
    ],
    tell,
    tellIssues: (issues, base, keys) => tellIssues(issues, base, (path) => (path.length === base.length ? keys : [])),
  } satisfies Config);
}
