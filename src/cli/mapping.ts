/** `deskbridge mapping`: check, preview and diff before anything goes live. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError, readEnvironment } from '../config/environment.ts';
import {
  type CompiledMapping,
  checkMappings,
  compileMapping,
  diffMappings,
  type ExampleResult,
  type FileCheck,
  previewMapping,
  type Sample,
  samplesOf,
  tellProblem,
} from '../mapping/index.ts';
import type { LiveSchemas } from './live-schemas.ts';
import { Failed, printJson, table } from './print.ts';

interface Json {
  readonly json?: true;
}

export async function check(given: string | undefined, options: Json & { readonly live?: true }): Promise<void> {
  const folder = given ?? readEnvironment(process.env).MAPPINGS_DIR;
  const live: LiveSchemas = options.live ? await (await import('./live-schemas.ts')).readLiveSchemas() : { schemas: {}, unreachable: [] };
  const files = await checkMappings(folder, { now: Date.now(), schemas: live.schemas }).catch(unreadable(folder));
  if (options.json) printJson({ files, unreachable: live.unreachable });
  else
    for (const line of [
      ...files.flatMap(tellFile),
      ...live.unreachable.map(({ helpdesk, message }) => `${helpdesk}: its fields could not be read: ${message}`),
    ])
      console.log(line);
  if (files.length === 0) throw new Failed(`${folder}: there is no mapping in this folder`);
  if (live.unreachable.length > 0 || files.some(({ ok }) => !ok)) process.exitCode = 1;
}

function tellFile(check: FileCheck): readonly string[] {
  const { file, ok, problems, warnings, examples } = check;
  const good = examples.filter(({ failures }) => failures.length === 0).length;
  return [
    ...problems.map(tellProblem),
    ...examples.flatMap((example) => tellExample(file, example)),
    ...warnings.map((warning) => `${tellProblem(warning)} (a warning)`),
    `${file}: ${ok ? 'good' : 'not good'}${examples.length ? `, ${good} of ${examples.length} examples hold` : ''}`,
  ];
}

const tellExample = (file: string, { line, failures, assumed }: ExampleResult): readonly string[] => [
  ...failures.map(({ field, expected, actual, why }) => `${file}:${line}: ${field} should be "${expected}" and is "${actual}"${why ? ` (${why})` : ''}`),
  ...(assumed && failures.length === 0 ? [`${file}:${line}: holds if ${assumed} (a warning)`] : []),
];

/** A file or folder that cannot be read is a wrong call. */
const unreadable =
  (path: string) =>
  (error: NodeJS.ErrnoException): never => {
    if (error.code === 'ENOENT') throw new ConfigError([`${path}: there is no such file or folder`]);
    if (error.code === 'ENOTDIR' || error.code === 'EISDIR' || error.code === 'EACCES') throw new ConfigError([`${path}: cannot be read (${error.code})`]);
    throw error;
  };

async function compiled(path: string): Promise<CompiledMapping> {
  const result = compileMapping(await readFile(path, 'utf8').catch(unreadable(path)), path);
  if ('mapping' in result) return result.mapping;
  throw new Failed(result.problems.map(tellProblem).join('\n'));
}

const time = z.union([z.number(), z.iso.datetime({ offset: true, local: true }).transform((text) => Date.parse(text))]);
const companyShape = z.strictObject({ name: z.string(), brand: z.string().nullable().default(null), fields: z.record(z.string(), z.string()).default({}) });
const sampleShape = z.strictObject({
  name: z.string().optional(),
  now: time.default(() => Date.now()),
  channel: z.string().optional(),
  helpdesk: z.string().optional(),
  messages: z.array(z.string()).optional(),
  topic: z.string().nullable().optional(),
  title: z.string().optional(),
  impact: z.string().nullable().optional(),
  outcome: z
    .strictObject({
      status: z.string(),
      date: z
        .union([z.iso.date(), z.literal('to-be-agreed')])
        .nullable()
        .default(null),
      confirmed: z.array(z.string()).optional(),
    })
    .nullable()
    .optional(),
  servedCompany: companyShape.nullable().optional(),
  company: companyShape.nullable().optional(),
  contact: z.strictObject({ name: z.string().optional(), company: z.string().nullable().optional() }).optional(),
  agent: z.strictObject({ name: z.string().optional(), email: z.string().nullable().optional(), teams: z.array(z.string()).optional() }).optional(),
});

async function readSample(path: string): Promise<Sample> {
  const text = await readFile(path, 'utf8').catch(unreadable(path));
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new ConfigError([`${path}: is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const parsed = sampleShape.safeParse(data);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => `${path}: ${issue.path.join('.') || 'sample'}: ${issue.message}`));
  // Keys that are absent stay absent: zod's optional keys say so only by their values.
  return Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined)) as unknown as Sample;
}

/** The first of everything: enough to see the mapping at work. */
const plainSample = ({ statuses, impacts, topics }: CompiledMapping): Sample => ({
  now: Date.now(),
  topic: topics[0]?.key ?? null,
  title: topics[0]?.title ?? 'Title',
  impact: impacts[0]?.id ?? null,
  outcome: statuses[0] ? { status: statuses[0].key, date: statuses[0].date?.mayBeUnknown ? 'to-be-agreed' : null } : null,
});

export async function preview(path: string, options: Json & { readonly sample?: string }): Promise<void> {
  const mapping = await compiled(path);
  const shown = previewMapping(mapping, options.sample ? await readSample(options.sample) : plainSample(mapping));
  if (options.json) printJson(shown);
  else {
    for (const { text, topics, courtesy } of shown.messages) console.log(`"${text}": ${courtesy ? 'a courtesy' : topics.join(', ') || 'no topic'}`);
    if (shown.titles.length) console.log(`titles: ${shown.titles.join(' | ')}`);
    console.log(table(shown.rows.map(({ name, value, reason, at }) => [name, value, `${reason} (${at})`])));
    for (const { field, label, reason } of shown.asks) console.log(`asks ${field}: ${label} (${reason})`);
    for (const who of shown.notify) console.log(`tells ${who}`);
    for (const { field, message } of shown.problems) console.error(`${path}: ${field}: ${message}`);
  }
  if (shown.problems.length > 0) process.exitCode = 1;
}

export async function diff(before: string, after: string, options: Json): Promise<void> {
  const [old, fresh] = [await compiled(before), await compiled(after)];
  const changes = diffMappings(old, fresh, samplesOf([old, fresh], Date.now()));
  if (options.json) return printJson({ changes });
  if (changes.length === 0) return console.log('No case comes out differently.');
  for (const { value, before: from, after: to, at, samples } of changes)
    console.log(
      `${value}: "${from}" becomes "${to}"${at ? ` (${at})` : ''}\n  in ${samples.length} ${samples.length === 1 ? 'case' : 'cases'}: ${samples.slice(0, 3).join('; ')}${samples.length > 3 ? '; …' : ''}`,
    );
}
