/** Made-up cases for examples, previews and diffs, and a helpdesk that has all that a mapping names. */
import type { DeskField, DeskSchema, DeskStatus, StatusMeaning } from '../kit/index.ts';
import type { CompiledMapping } from './compile.ts';
import { isOwnDue } from './decide.ts';
import type { MappedCompany, MappingContext, OutcomeMeaning } from './evaluate.ts';
import { fieldsFor } from './fields.ts';
import { forHelpdesk, type PerHelpdesk } from './schema-parts.ts';
import { dueWrite, type FieldsByHelpdesk, statusName } from './schema-values.ts';

/** A case as far as it matters; what is left out is plain. */
export interface Sample extends Partial<Omit<MappingContext, 'schema' | 'contact' | 'agent'>> {
  readonly now: number;
  /** What tells it apart in a report. */
  readonly name?: string;
  readonly contact?: Partial<MappingContext['contact']>;
  readonly agent?: Partial<MappingContext['agent']>;
  /** The customer's messages, oldest first. */
  readonly messages?: readonly string[];
}

const KIT_MEANING: Readonly<Record<OutcomeMeaning, StatusMeaning>> = {
  open: 'open',
  pending: 'pending',
  waiting: 'waiting',
  visit: 'hold',
  resolved: 'resolved',
};

function statusesOf(mapping: CompiledMapping, helpdesk: string): readonly DeskStatus[] {
  const timerOn = dueWrite(mapping.parsed.due_write, helpdesk)?.timer_on;
  return mapping.statuses.map(({ key, label, meaning }) => {
    const row = mapping.parsed.statuses[key];
    const name = (row && statusName(row, helpdesk)) ?? label;
    const id = typeof name === 'string' ? name : name.custom;
    return {
      id,
      label: id,
      meaning: KIT_MEANING[meaning],
      ...(typeof name !== 'string' && { category: name.status }),
      ...(timerOn && { timer: timerOn.includes(id) }),
    };
  });
}

function fieldsOf(mapping: CompiledMapping, helpdesk: string): readonly DeskField[] {
  const write = dueWrite(mapping.parsed.due_write, helpdesk);
  const dates = [write?.otherwise, write && !isOwnDue(write.field) ? write.field : undefined].filter((name) => name !== undefined);
  const given: readonly (FieldsByHelpdesk | undefined)[] = [mapping.parsed.fields, ...Object.values(mapping.parsed.topics).map(({ fields }) => fields)];
  const types = new Map<string, DeskField['type']>();
  for (const [name, value] of given.flatMap((fields) => Object.entries(fieldsFor(fields, helpdesk).values))) {
    types.set(name, typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'checkbox' : 'text');
  }
  for (const name of dates) types.set(name, 'date');
  return [...types].map(([name, type]) => ({ name, label: name, type, required: 'never' }));
}

/** A schema in which every name that the mapping uses for a helpdesk exists, under itself as id. */
export function impliedSchema(mapping: CompiledMapping, helpdesk: string): DeskSchema {
  const { parsed } = mapping;
  const choices = (names: readonly (PerHelpdesk | undefined)[]) =>
    [...new Set(names.map((name) => forHelpdesk(name, helpdesk)).filter((name) => name !== undefined))].map((name) => ({ value: name, label: name }));
  return {
    fields: fieldsOf(mapping, helpdesk),
    statuses: statusesOf(mapping, helpdesk),
    priorities: choices(parsed.impact.map(({ priority }) => priority)),
    groups: choices([
      parsed.group,
      parsed.calendar.saturday?.group,
      ...Object.values(parsed.statuses).map(({ group }) => group),
      ...Object.values(parsed.topics).map(({ group }) => group),
    ]),
    agents: [],
  };
}

export const company = (name: string, brand: string | null = null): MappedCompany => ({ name, brand, fields: {} });

/** A sample as a full context. Without a schema the helpdesk is taken to have all that the mapping names. */
export function contextOf(mapping: CompiledMapping, sample: Sample, schema?: DeskSchema): MappingContext {
  const helpdesk = sample.helpdesk ?? mapping.helpdesk;
  const { name: _, messages: __, contact, agent, ...given } = sample;
  return {
    channel: mapping.channels.find((channel) => channel !== '*') ?? '',
    servedCompany: null,
    company: null,
    topic: null,
    title: '',
    outcome: null,
    impact: null,
    ...given,
    contact: { name: contact?.name ?? '', company: contact?.company ?? null },
    agent: { name: agent?.name ?? '', email: agent?.email ?? null, teams: agent?.teams ?? [] },
    helpdesk,
    schema: schema ?? impliedSchema(mapping, helpdesk),
  };
}
