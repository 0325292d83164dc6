/** Finds each configured connector's definition and checks its settings, all problems at once. */
import type { ConnectorDefinition } from '../kit/index.ts';
import { didYouMean } from '../mapping/suggest.ts';
import type { Config, ConnectorEntry } from './config.ts';
import { ConfigError } from './environment.ts';

export type Registry = Readonly<Record<string, () => Promise<{ default: ConnectorDefinition }>>>;

export interface ConfiguredConnector {
  readonly name: string;
  readonly title: string;
  readonly mails: string | null;
  readonly definition: ConnectorDefinition;
  readonly settings: unknown;
}

export async function configuredConnectors(config: Config, registry: Registry): Promise<readonly ConfiguredConnector[]> {
  const problems: string[] = [];
  const found: ConfiguredConnector[] = [];
  for (const [section, kind] of [
    ['channels', 'channel'],
    ['helpdesks', 'helpdesk'],
  ] as const) {
    for (const [name, entry] of Object.entries(config[section])) found.push(...(await configure(config, registry, section, kind, name, entry, problems)));
  }
  if (problems.length) throw new ConfigError(problems);
  return found;
}

async function configure(
  config: Config,
  registry: Registry,
  section: string,
  kind: ConnectorDefinition['kind'],
  name: string,
  { connector, title, mails, ...own }: ConnectorEntry,
  problems: string[],
): Promise<ConfiguredConnector[]> {
  const place = (...path: string[]): string => `${config.file}:${config.lineOf([section, name, ...path])}: ${[section, name, ...path].join('.')}`;
  const load = registry[connector];
  if (!load) {
    problems.push(`${place('connector')}: there is no connector "${connector}"${didYouMean(connector, Object.keys(registry))}`);
    return [];
  }
  const { default: definition } = await load();
  if (definition.kind !== kind) {
    problems.push(`${place('connector')}: "${connector}" is a ${definition.kind}, so it belongs under ${definition.kind}s`);
    return [];
  }
  const settings = definition.settings.safeParse(own);
  if (!settings.success) {
    problems.push(...settings.error.issues.map((issue: { path: PropertyKey[]; message: string }) => `${place(...issue.path.map(String))}: ${issue.message}`));
    return [];
  }
  return [{ name, title: title ?? name, mails: mails ?? null, definition, settings: settings.data }];
}
