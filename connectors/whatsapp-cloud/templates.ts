/** Message templates: what agents may choose, and how a chosen one is sent. An id holds all that sending needs: `name/language`, and the names of named values. */
import { z } from 'zod';
import { ConnectorError, type Json, type MessageTemplate, type TemplateUse } from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import type { WhatsappSettings } from './settings.ts';

/** "Template management", Get templates: one element of `data`. */
const shape = z.looseObject({
  name: z.string().min(1),
  language: z.string().min(1),
  status: z.string(),
  parameter_format: z.string().optional(),
  components: z.array(
    z.looseObject({ type: z.string(), format: z.string().optional(), text: z.string().optional(), buttons: z.array(z.unknown()).optional() }),
  ),
});
type Listed = z.output<typeof shape>;

const variable = /\{\{\s*([^{}]+?)\s*\}\}/g;
const variablesOf = (text: string): readonly string[] => [...new Set([...text.matchAll(variable)].map(([, name]) => name ?? ''))];

/** Values are asked for the body alone: a template that needs a picture, or values elsewhere, cannot be filled. */
function fillable({ components }: Listed): boolean {
  return components.every(({ type, format, text, buttons }) => {
    if (type.toUpperCase() === 'BODY' || type.toUpperCase() === 'FOOTER') return true;
    if (type.toUpperCase() === 'HEADER') return (format ?? 'TEXT').toUpperCase() === 'TEXT' && variablesOf(text ?? '').length === 0;
    if (type.toUpperCase() === 'BUTTONS')
      return variablesOf(JSON.stringify(buttons ?? [])).length === 0 && !/"(OTP|COPY_CODE|CATALOG|MPM|FLOW)"/i.test(JSON.stringify(buttons ?? []));
    return false;
  });
}

function fromBody(name: string, language: string, body: string): MessageTemplate {
  const names = variablesOf(body);
  const positional = names.every((one) => /^\d+$/.test(one));
  // Positions are what they are; names are numbered in the order of the text.
  const shown = positional ? body : body.replace(variable, (_all, one: string) => `{{${names.indexOf(one.trim()) + 1}}}`);
  const id = [name, language, ...(positional ? [] : [names.join(',')])].join('/');
  return { id, name, language, body: shown, values: positional ? Math.max(0, ...names.map(Number)) : names.length };
}

export async function templatesOf(settings: WhatsappSettings, client: Client): Promise<readonly MessageTemplate[]> {
  const configured = settings.templates.map(({ name, language, body }) => fromBody(name, language, body));
  const listed = settings.wabaId === undefined ? [] : (await client.templates(settings.wabaId)).flatMap(approved);
  const known = new Set(configured.map(({ name, language }) => `${name}/${language}`));
  return [...configured, ...listed.filter(({ name, language }) => !known.has(`${name}/${language}`))];
}

/** One that is of no shape we know is not offered; the others are. */
function approved(one: unknown): readonly MessageTemplate[] {
  const parsed = shape.safeParse(one);
  if (!parsed.success || parsed.data.status !== 'APPROVED' || !fillable(parsed.data)) return [];
  const body = parsed.data.components.find(({ type }) => type.toUpperCase() === 'BODY')?.text;
  return body === undefined ? [] : [fromBody(parsed.data.name, parsed.data.language, body)];
}

/** Meta refuses values with line ends, tabs or more than four blanks in a row. */
const oneLine = (value: string): string => value.replace(/\s+/g, ' ').trim();

/** The `template` object of a message. Throws `refused` for an id that is none of ours, and for an empty value, which Meta refuses. */
export function templateObject({ id, values }: TemplateUse): Json {
  const [name, language, names] = id.split('/');
  if (!name || !language) throw new ConnectorError('refused', `"${id}" is no template of this channel`, { field: 'template' });
  const keys = names?.split(',');
  const parameters = values.map((value, index) => {
    const text = oneLine(value);
    if (text === '') throw new ConnectorError('refused', `Value ${index + 1} of the template is empty`, { field: 'template' });
    return { type: 'text', ...(keys && { parameter_name: keys[index] ?? '' }), text };
  });
  return { name, language: { code: language }, ...(parameters.length > 0 && { components: [{ type: 'body', parameters }] }) };
}
