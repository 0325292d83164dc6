/** `deskbridge connectors`: what there is, how it is set, and the tables of the READMEs, which are made from the same declarations. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectors } from '../../connectors/index.ts';
import type { ConnectorDefinition } from '../kit/index.ts';
import { Failed, printJson, table } from './print.ts';
import { between, type SettingRow, settingRows, settingsMarkdown } from './settings-table.ts';

export interface ConnectorRow {
  readonly id: string;
  readonly title: string;
  readonly kind: ConnectorDefinition['kind'];
  readonly capabilities: Readonly<Record<string, boolean | number>>;
  readonly settings: readonly SettingRow[];
}

export const connectorRows = (): Promise<readonly ConnectorRow[]> =>
  Promise.all(
    Object.values(connectors).map(async (load) => {
      const { id, title, kind, capabilities, settings } = (await load()).default;
      return { id, title, kind, capabilities: { ...capabilities }, settings: settingRows(settings) };
    }),
  );

const folder = join(import.meta.dirname, '../../connectors');
const yes = (value: boolean | number | undefined): string => (value === true ? 'yes' : 'no');
const megabytes = (value: boolean | number | undefined): string => `${Math.round(Number(value ?? 0) / 2 ** 20)} MB`;

function overview(rows: readonly ConnectorRow[]): string {
  const of = (kind: ConnectorRow['kind']): readonly ConnectorRow[] => rows.filter((row) => row.kind === kind);
  return [
    '| channel | connector | agents can reply | says when a chat ends | an unclear send is looked up | longest reply |',
    '|---|---|---|---|---|---|',
    ...of('channel').map(
      ({ id, title, capabilities: can }) =>
        `| [${title}](${id}/README.md) | \`${id}\` | ${yes(can.reply)} | ${yes(can.endSignal)} | ${yes(can.findsSent)} | ${String(can.maxTextLength)} |`,
    ),
    '',
    '| helpdesk | connector | first comment can be private | companies | closed is final | largest file | largest ticket |',
    '|---|---|---|---|---|---|---|',
    ...of('helpdesk').map(
      ({ id, title, capabilities: can }) =>
        `| [${title}](${id}/README.md) | \`${id}\` | ${yes(can.privateFirstComment)} | ${yes(can.companies)} | ${yes(can.closedIsFinal)} | ${megabytes(can.maxFileBytes)} | ${megabytes(can.maxTicketBytes)} |`,
    ),
  ].join('\n');
}

export interface Readme {
  /** Below `connectors/`. */
  readonly file: string;
  readonly now: string;
  /** With its tables made anew; undefined where it has no markers for them. */
  readonly wanted: string | undefined;
}

/** Every README of the connectors, as it is and as it must be. */
export async function readmes(): Promise<readonly Readme[]> {
  const rows = await connectorRows();
  const read = async (file: string, make: (text: string) => string | undefined): Promise<Readme> => {
    const now = await readFile(join(folder, file), 'utf8').catch(() => '');
    return { file, now, wanted: make(now) };
  };
  return Promise.all([
    read('README.md', (text) => between(text, 'connectors', overview(rows))),
    ...rows.map(({ id, settings }) => read(`${id}/README.md`, (text) => between(text, 'settings', settingsMarkdown(settings)))),
  ]);
}

async function writeReadmes(): Promise<void> {
  const all = await readmes();
  for (const { file, now, wanted } of all) {
    if (wanted === undefined || wanted === now) continue;
    await writeFile(join(folder, file), wanted);
    console.log(`connectors/${file} written`);
  }
  const bare = all
    .filter(({ wanted }) => wanted === undefined)
    .map(({ file }) => `connectors/${file}: has no place for its table: <!-- settings --> and <!-- /settings -->`);
  if (bare.length) throw new Failed(bare.join('\n'));
}

const tell = ({ id, title, kind, settings }: ConnectorRow): string => {
  const rows = settings.map((row) => [`  ${row.name}`, row.secret ? `${row.default}, secret` : row.default, row.meaning]);
  return `${id}: ${title} (${kind})${rows.length ? `\n${table(rows)}` : ''}`;
};

export async function listConnectors(id: string | undefined, options: { json?: true; writeReadmes?: true }): Promise<void> {
  if (options.writeReadmes) return writeReadmes();
  const rows = (await connectorRows()).filter((row) => id === undefined || row.id === id);
  if (id !== undefined && rows.length === 0) throw new Failed(`There is no connector "${id}". There are: ${Object.keys(connectors).join(', ')}.`);
  if (options.json) printJson({ connectors: rows });
  else console.log(rows.map(tell).join('\n\n'));
}
