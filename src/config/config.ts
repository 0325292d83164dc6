/** deskbridge.yaml and the environment become one typed, frozen object. Every problem is told at once, with file and line. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { ConfigError, type Environment } from './environment.ts';

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
  /** Line of a path in the file, for messages of connectors' own settings. */
  lineOf(path: readonly (string | number)[]): number;
}

/** `{ env: NAME }` and `{ file: path }` stand for a text that is not in the file itself: secrets above all. */
function resolveReferences(value: unknown, variables: Readonly<Record<string, string | undefined>>, path: string, problems: string[]): unknown {
  if (Array.isArray(value)) return value.map((inner, index) => resolveReferences(inner, variables, `${path}[${index}]`, problems));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only && typeof only[1] === 'string') {
    if (only[0] === 'env') return variables[only[1]] ?? fail(problems, `${path}: the environment variable ${only[1]} is not set`);
    if (only[0] === 'file') return existsSync(only[1]) ? readFileSync(only[1], 'utf8').trim() : fail(problems, `${path}: the file ${only[1]} does not exist`);
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, resolveReferences(inner, variables, path ? `${path}.${key}` : key, problems)]));
}

function fail(problems: string[], message: string): string {
  problems.push(message);
  return 'missing';
}

export function readConfig(environment: Environment, variables: Readonly<Record<string, string | undefined>>): Config {
  const file = resolve(environment.DESKBRIDGE_CONFIG ?? 'deskbridge.yaml');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (environment.DESKBRIDGE_CONFIG && !text) throw new ConfigError([`${file}: this file does not exist or is empty`]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length) throw new ConfigError(document.errors.map((error) => `${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]}`));
  const lineOf = (path: readonly (string | number)[]): number => {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const problems: string[] = [];
  const resolved = resolveReferences(document.toJS() ?? {}, variables, '', problems);
  const parsed = fileSchema.safeParse(resolved);
  if (!parsed.success)
    problems.push(...parsed.error.issues.map((issue) => `${file}:${lineOf(issue.path as string[])}: ${issue.path.join('.')}: ${issue.message}`));
  if (problems.length || !parsed.success) throw new ConfigError(problems);
  const { channels, helpdesks, hold_seconds, call_seconds, egress } = parsed.data;
  return Object.freeze({
    environment,
    file,
    channels,
    helpdesks,
    holdSeconds: hold_seconds,
    callSeconds: call_seconds,
    egressAllow: [...egress.allow, ...(environment.EGRESS_ALLOW_LOOPBACK ? ['127.0.0.0/8', '::1/128'] : [])],
    publicUrl: (environment.PUBLIC_URL ?? `http://localhost:${environment.PORT}`).replace(/\/+$/, ''),
    lineOf,
  });
}
