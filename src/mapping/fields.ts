/** Field values that a mapping gives, with their texts compiled. */
import type { DeskSchema, Json } from '../kit/index.ts';
import { fieldValue, findField } from './resolve.ts';
import type { FieldsByHelpdesk, FieldValue, FieldValues } from './schema-values.ts';
import { type CompiledText, compileText, isTemplate } from './texts.ts';

type Given = FieldsByHelpdesk | undefined;

const isGrouped = (fields: FieldsByHelpdesk): fields is Record<string, FieldValues> =>
  Object.values(fields).some((value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value));

/** The fields meant for a helpdesk, with the path to them below `fields`. Those given without a name are for the mapping's own helpdesk. */
export function fieldsFor(given: Given, helpdesk: string): { readonly values: FieldValues; readonly below: readonly string[]; readonly named: boolean } {
  if (!given) return { values: {}, below: [], named: false };
  if (!isGrouped(given)) return { values: given, below: [], named: false };
  return { values: given[helpdesk] ?? {}, below: [helpdesk], named: true };
}

export interface ResolvedField {
  /** As the mapping calls it. */
  readonly given: string;
  readonly below: readonly string[];
  /** As people read it. */
  readonly told: string;
  readonly set?: { readonly name: string; readonly value: Json };
  readonly problem?: { readonly kind: 'field' | 'choice'; readonly name: string } | { readonly kind: 'text'; readonly message: string };
}

/** Compiles once; resolves against a helpdesk's schema each time. A text that comes out empty sets nothing. */
export function compileFields(
  given: Given,
  own: string,
): (helpdesk: string, schema: DeskSchema, values: Readonly<Record<string, unknown>>) => readonly ResolvedField[] {
  const texts = new Map<string, CompiledText>();
  const compile = (value: FieldValue) => {
    if (typeof value === 'string' && isTemplate(value) && !texts.has(value)) texts.set(value, compileText(value));
  };
  for (const value of Object.values<FieldValue | FieldValues>(given ?? {})) {
    if (typeof value === 'object' && !Array.isArray(value)) Object.values(value).forEach(compile);
    else compile(value);
  }
  return (helpdesk, schema, variables) => {
    const { values, below, named } = fieldsFor(given, helpdesk);
    return Object.entries(values).flatMap(([name, value]): readonly ResolvedField[] => {
      const base = { given: name, below, told: String(value) };
      const field = findField(schema, name);
      // Fields given without a helpdesk are the own helpdesk's; another one may lack them.
      if (!field) return named || helpdesk === own ? [{ ...base, problem: { kind: 'field', name } }] : [];
      let final = value;
      try {
        final = typeof value === 'string' ? (texts.get(value)?.render(variables).trim() ?? value) : value;
      } catch (error) {
        return [{ ...base, problem: { kind: 'text', message: error instanceof Error ? error.message : String(error) } }];
      }
      if (final === '') return [];
      const resolved = fieldValue(field, final);
      if ('unknown' in resolved) return [{ ...base, problem: { kind: 'choice', name: resolved.unknown } }];
      return [{ ...base, told: String(final), set: { name: field.name, value: resolved.value } }];
    });
  };
}
