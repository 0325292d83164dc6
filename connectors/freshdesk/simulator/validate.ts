/** Freshdesk's checks of ticket attributes: unknown names, types, choices, required fields, due dates. "Create a Ticket", "Update a Ticket". */
import type { Field } from './fields.ts';
import type { FieldError } from './refusal.ts';
import type { TicketAttributes } from './state.ts';

export interface Rules {
  readonly fields: readonly Field[];
  /** Ids of the statuses whose SLA timer runs: a due date is taken in these alone. */
  readonly timerStatuses: readonly number[];
  readonly multipleCompanies: boolean;
  readonly companies: readonly number[];
}

type Kind = 'String' | 'Integer' | 'Boolean' | 'Array' | 'key/value pair' | 'datetime' | 'date' | 'Number';

const kinds: Readonly<Record<string, Kind>> = {
  name: 'String',
  subject: 'String',
  description: 'String',
  status: 'Integer',
  priority: 'Integer',
  source: 'Integer',
  type: 'String',
  requester_id: 'Integer',
  email: 'String',
  phone: 'String',
  unique_external_id: 'String',
  group_id: 'Integer',
  responder_id: 'Integer',
  company_id: 'Integer',
  product_id: 'Integer',
  cc_emails: 'Array',
  tags: 'Array',
  custom_fields: 'key/value pair',
  due_by: 'datetime',
  fr_due_by: 'datetime',
};

/** Documented, but what they do is not simulated. */
export const unsimulated = [
  'facebook_id',
  'twitter_id',
  'parent_id',
  'related_ticket_ids',
  'internal_agent_id',
  'internal_group_id',
  'email_config_id',
  'lookup_parameter',
];

const customKinds: Readonly<Record<string, Kind>> = {
  custom_number: 'Integer',
  custom_decimal: 'Number',
  custom_checkbox: 'Boolean',
  custom_date: 'date',
};

const isTime = (value: string): boolean =>
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:?(\d{2})?)?)?$/.test(value) && !Number.isNaN(Date.parse(value));
const isDate = (value: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));

const passes: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  String: (value) => typeof value === 'string',
  Integer: Number.isSafeInteger,
  Number: (value) => typeof value === 'number',
  Boolean: (value) => typeof value === 'boolean',
  Array: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  'key/value pair': (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  datetime: (value) => typeof value === 'string' && isTime(value),
  date: (value) => typeof value === 'string' && isDate(value),
};

/** Multipart carries text alone. */
function coerce(kind: Kind, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (kind === 'Integer' || kind === 'Number') return value.trim() === '' ? value : Number(value);
  if (kind === 'Boolean') return value === 'true' ? true : value === 'false' ? false : value;
  return value;
}

const mismatch = (field: string, kind: Kind, value: unknown): FieldError => ({
  field,
  message: `Value set is of type ${value === null ? 'Null' : Array.isArray(value) ? 'Array' : typeof value}.It should be a/an ${kind}`,
  code: 'datatype_mismatch',
});

const notOneOf = (field: string, values: readonly unknown[]): FieldError => ({
  field,
  message: `It should be one of these values: '${values.join(',')}'`,
  code: 'invalid_value',
});

const byType = (rules: Rules, type: string): Field | undefined => rules.fields.find((field) => field.type === type);
const numbers = (choices: unknown): number[] => Object.values((choices ?? {}) as Record<string, number>);

/** Choices of each level of a nested field; null below the last. */
function below(choices: unknown, label: unknown): unknown {
  for (const one of (choices as unknown[]) ?? [])
    if (typeof one === 'object' && one !== null && String(label) in one) return (one as Record<string, unknown>)[String(label)];
  return null;
}
const labels = (choices: unknown): string[] => ((choices as unknown[]) ?? []).flatMap((one) => (typeof one === 'string' ? [one] : Object.keys(one as object)));

/** Names of all custom attributes, with the field they belong to. */
const customFields = (rules: Rules): Map<string, Field> =>
  new Map(
    rules.fields
      .filter(({ name }) => name.startsWith('cf_'))
      .flatMap((field) => [[field.name, field] as const, ...(field.nested_ticket_fields ?? []).map(({ name }) => [name, field] as const)]),
  );

/** Types and names of everything that was sent; coerced where it came as text. */
export function readAttributes(given: Record<string, unknown>, texts: boolean, rules: Rules): { values: Record<string, unknown>; errors: FieldError[] } {
  const values: Record<string, unknown> = {};
  const errors: FieldError[] = [];
  for (const [name, raw] of Object.entries(given)) {
    const kind = kinds[name];
    if (!kind) {
      errors.push({ field: name, message: 'Unexpected/invalid field in request', code: 'invalid_field' });
      continue;
    }
    const value = texts ? coerce(kind, raw) : raw;
    if (value !== null && !passes[kind](value)) errors.push(mismatch(name, kind, value));
    else if (name === 'custom_fields') values[name] = readCustom((value ?? {}) as Record<string, unknown>, texts, rules, errors);
    else values[name] = value;
  }
  return { values, errors };
}

function readCustom(given: Record<string, unknown>, texts: boolean, rules: Rules, errors: FieldError[]): Record<string, unknown> {
  const known = customFields(rules);
  const values: Record<string, unknown> = {};
  for (const [name, raw] of Object.entries(given)) {
    const field = known.get(name);
    if (!field) {
      errors.push({ field: `custom_fields.${name}`, message: 'Unexpected/invalid field in request', code: 'invalid_field' });
      continue;
    }
    const kind = customKinds[field.type] ?? 'String';
    const value = texts ? coerce(kind, raw) : raw;
    if (value !== null && !passes[kind](value)) errors.push(mismatch(name, kind, value));
    else values[name] = value;
  }
  return values;
}

/** Checks what the ticket would become. `sent` names what this request sets. */
export function checkTicket(ticket: TicketAttributes, sent: Record<string, unknown>, rules: Rules, now: number): FieldError[] {
  return [
    ...choiceErrors(ticket, sent, rules),
    ...customErrors(sent, ticket, rules),
    ...dueErrors(ticket, sent, rules, now),
    ...requiredErrors(ticket, sent, rules),
  ];
}

function choiceErrors(ticket: TicketAttributes, sent: Record<string, unknown>, rules: Rules): FieldError[] {
  const errors: FieldError[] = [];
  const check = (name: string, allowed: readonly unknown[]): void => {
    if (sent[name] !== undefined && sent[name] !== null && !allowed.includes(sent[name])) errors.push(notOneOf(name, allowed));
  };
  check('status', Object.keys((byType(rules, 'default_status')?.choices ?? {}) as object).map(Number));
  check('priority', [1, 2, 3, 4]);
  check('source', numbers(byType(rules, 'default_source')?.choices));
  check('type', (byType(rules, 'default_ticket_type')?.choices ?? []) as string[]);
  check('group_id', numbers(byType(rules, 'default_group')?.choices));
  check('responder_id', numbers(byType(rules, 'default_agent')?.choices));
  check('product_id', numbers(byType(rules, 'default_product')?.choices));
  if (sent.company_id !== undefined && !rules.multipleCompanies)
    errors.push({ field: 'company_id', message: 'The company_id attribute is not available in your plan', code: 'inaccessible_field' });
  else check('company_id', rules.companies);
  if (ticket.tags.some((tag) => tag.length > 32)) errors.push({ field: 'tags', message: 'It should have tags of maximum length 32', code: 'invalid_value' });
  return errors;
}

function customErrors(sent: Record<string, unknown>, ticket: TicketAttributes, rules: Rules): FieldError[] {
  const custom = (sent.custom_fields ?? {}) as Record<string, unknown>;
  return rules.fields.flatMap((field) => {
    const value = custom[field.name];
    if (field.type === 'custom_dropdown' && typeof value === 'string' && !(field.choices as string[]).includes(value))
      return [notOneOf(field.name, field.choices as string[])];
    if (field.type === 'custom_text' && typeof value === 'string' && value.length > 255)
      return [{ field: field.name, message: 'Has 256 characters or more, it can have maximum of 255 characters', code: 'invalid_value' } as const];
    return field.type === 'nested_field' && [field, ...(field.nested_ticket_fields ?? [])].some(({ name }) => name in custom)
      ? nestedErrors(field, ticket.custom_fields)
      : [];
  });
}

function nestedErrors(field: Field, values: Record<string, unknown>): FieldError[] {
  let choices: unknown = field.choices;
  for (const { name } of [field, ...(field.nested_ticket_fields ?? [])]) {
    const value = values[name];
    if (value === undefined || value === null) return [];
    if (!labels(choices).includes(String(value))) return [notOneOf(name, labels(choices))];
    choices = below(choices, value);
  }
  return [];
}

function dueErrors(ticket: TicketAttributes, sent: Record<string, unknown>, rules: Rules, now: number): FieldError[] {
  const given = (['due_by', 'fr_due_by'] as const).filter((name) => sent[name] !== undefined && sent[name] !== null);
  if (given.length === 0) return [];
  if (!rules.timerStatuses.includes(ticket.status))
    return given.map((field) => ({ field, message: "It cannot be set, when the status of the ticket doesn't have sla timer on", code: 'inaccessible_field' }));
  if (given.length === 1)
    return [{ field: given[0] === 'due_by' ? 'fr_due_by' : 'due_by', message: 'It should not be blank as this is a mandatory field', code: 'missing_field' }];
  const due = Date.parse(ticket.due_by ?? '');
  const first = Date.parse(ticket.fr_due_by ?? '');
  if (due <= now) return [{ field: 'due_by', message: 'It should be a future date', code: 'invalid_value' }];
  return first > due ? [{ field: 'due_by', message: 'It should be greater than fr_due_by', code: 'invalid_value' }] : [];
}

const isBlank = (value: unknown): boolean => value === undefined || value === null || value === '';

function requiredErrors(ticket: TicketAttributes, sent: Record<string, unknown>, rules: Rules): FieldError[] {
  const resolves = sent.status === 4 || sent.status === 5;
  const attribute: Readonly<Record<string, unknown>> = {
    subject: ticket.subject,
    description: ticket.description,
    requester: 'checked apart',
    status: ticket.status,
    priority: ticket.priority,
    source: ticket.source,
    ticket_type: ticket.type,
    group: ticket.group_id,
    agent: ticket.responder_id,
    product: ticket.product_id,
    company: ticket.company_id,
  };
  const apiNames: Readonly<Record<string, string>> = {
    ticket_type: 'type',
    group: 'group_id',
    agent: 'responder_id',
    product: 'product_id',
    company: 'company_id',
  };
  return rules.fields
    .filter((field) => field.required_for_agents || (field.required_for_closure && resolves))
    .filter(({ name }) => isBlank(name in attribute ? attribute[name] : ticket.custom_fields[name]))
    .map(({ name }) => ({ field: apiNames[name] ?? name, message: 'It should not be blank as this is a mandatory field', code: 'missing_field' }));
}
