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
  /** A problem that shows only when the connector is made, with its place in the file. */
  tell(message: string): string;
}

export async function configuredConnectors(config: Config, registry: Registry): Promise<readonly ConfiguredConnector[]> {
  const problems = [...config.problems];
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
  const tell = (message: string, ...path: string[]): string => config.tell([section, name, ...path], message);
  const load = registry[connector];
  if (!load) {
    problems.push(tell(`there is no connector "${connector}"${didYouMean(connector, Object.keys(registry))}`, 'connector'));
    return [];
  }
  const { default: definition } = await load();
  if (definition.kind !== kind) {
    problems.push(tell(`"${connector}" is a ${definition.kind}, so it belongs under ${definition.kind}s`, 'connector'));
    return [];
  }
  const settings = definition.settings.safeParse(own);
  if (!settings.success) {
    problems.push(...config.tellIssues(settings.error.issues, [section, name], keysOf(definition)));
    return [];
  }
  return [{ name, title: title ?? name, mails: mails ?? null, definition, settings: settings.data, tell }];
}

const keysOf = ({ settings }: ConnectorDefinition): readonly string[] => ('shape' in settings ? Object.keys(settings.shape as object) : []);
