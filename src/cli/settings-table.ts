/** A connector's settings as a table, from the schema that checks them: for the terminal and for its README. */
import { z } from 'zod';

export interface SettingRow {
  /** `imap.port`; `fields[].name` inside a list. */
  readonly name: string;
  /** `required`, `none`, or the default as YAML people would write it. */
  readonly default: string;
  readonly meaning: string;
  readonly secret: boolean;
}

interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly secret?: boolean;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
}

function rowsOf(shape: Shape, prefix: string): readonly SettingRow[] {
  return Object.entries(shape.properties ?? {}).flatMap(([key, inner]) => {
    const name = `${prefix}${key}`;
    const choices = inner.enum ? `${inner.description ? ' ' : ''}(${inner.enum.map((value) => `\`${value}\``).join(', ')})` : '';
    const required = shape.required?.includes(key) ?? false;
    const row = {
      name,
      default: required ? 'required' : inner.default === undefined ? 'none' : JSON.stringify(inner.default).replace(/^"(.*)"$/, '$1'),
      meaning: `${inner.description ?? ''}${choices}`,
      secret: inner.secret === true,
    };
    // A group that must be given says nothing that its members do not say.
    const own = inner.properties && required && !inner.description ? [] : [row];
    return [...own, ...rowsOf(inner, `${name}.`), ...(inner.items ? rowsOf(inner.items, `${name}[].`) : [])];
  });
}

export const settingRows = (settings: z.ZodType): readonly SettingRow[] =>
  rowsOf(z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' }) as Shape, '');

const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ')
    .replace(/<(?=[a-z])/g, '\\<');

export function settingsMarkdown(rows: readonly SettingRow[]): string {
  const shown = (value: string): string => (value === 'required' || value === 'none' ? value : `\`${value}\``);
  const lines = rows.map((row) => `| \`${row.name}\` | ${shown(row.default)} | ${cell(row.meaning)}${row.secret ? ' (a secret)' : ''} |`);
  return ['| setting | default | meaning |', '|---|---|---|', ...lines].join('\n');
}

/** Puts a generated table between its markers; undefined where the text has no markers of that name. */
export function between(text: string, marker: string, table: string): string | undefined {
  const [start, end] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) return undefined;
  return `${text.slice(0, from + start.length)}\n${table}\n${text.slice(to)}`;
}
