/** One part of a closing: who asks, what the mapping says, what is missing. Pure. */
import type { DeskField, DeskStatus, Json, RequesterSpec, TicketRef, TicketValues } from '../kit/index.ts';
import type { Evaluated, MappedStatus } from '../mapping/evaluate.ts';
import { messagesOf } from './accounting.ts';
import type { Decision, Part } from './decision.ts';
import type { FactDesk, FactMessage, FactPerson, Facts } from './facts.ts';
import type { Missing } from './plan.ts';

/** A part with everything that its operations need. */
export interface PreparedPart {
  readonly part: Part;
  readonly desk: FactDesk;
  readonly messages: readonly FactMessage[];
  readonly requester: RequesterSpec;
  readonly requesterIsNew: boolean;
  readonly evaluated: Evaluated;
  /** The mapping's, with what the agent overrode. */
  readonly values: TicketValues;
  readonly subject: string;
  readonly outcome: MappedStatus | undefined;
  readonly status: DeskStatus | undefined;
  /** Set when this is an append. */
  readonly ticket: { readonly ref: TicketRef; readonly status: DeskStatus | undefined; readonly closed: boolean } | undefined;
}

const miss = (part: Part, field: string, key: string, label: string, values: Record<string, string> = {}): Missing => ({
  part: part.key,
  field,
  label,
  reason: { key, values },
});

function requesterOf(part: Part, facts: Facts, desk: FactDesk): { spec: RequesterSpec; isNew: boolean; person: FactPerson } {
  const person = facts.people[part.requester ?? facts.contact.id] ?? facts.contact;
  const known = desk.requesters[person.id];
  const company = facts.companies[part.company ?? ''] ?? (person.companies.length === 1 ? person.companies[0] : undefined);
  const companyId = company ? desk.companies[company.id] : undefined;
  return {
    person,
    isNew: known === null || known === undefined,
    spec: {
      contact: person.id,
      name: person.name,
      identities: person.identities,
      ...(known ? { known: known.id } : {}),
      ...(company ? { company: { name: company.name, ...(companyId ? { known: companyId } : {}) } } : {}),
    },
  };
}

function evaluate(part: Part, facts: Facts, desk: FactDesk, person: FactPerson): Evaluated {
  const company = facts.companies[part.company ?? ''] ?? (person.companies.length === 1 ? person.companies[0] : undefined) ?? null;
  return facts.mapping.evaluate({
    now: facts.now,
    channel: facts.conversation.channel,
    contact: { name: person.name, company: company?.name ?? null },
    agent: facts.agent,
    servedCompany: facts.companies[part.served ?? ''] ?? null,
    company,
    topic: part.topic,
    title: part.title.trim(),
    outcome: part.outcome,
    impact: part.impact,
    helpdesk: desk.name,
    schema: desk.schema ?? { fields: [], statuses: [], priorities: [], groups: [], agents: [] },
  });
}

/** What the agent set by hand wins over the mapping. */
function override(part: Part, values: TicketValues): TicketValues {
  return {
    ...values,
    ...(part.group === null ? {} : { group: part.group }),
    ...(part.assignee === null ? {} : { assignee: part.assignee }),
    fields: { ...values.fields, ...part.fields },
  };
}

/** An append with an outcome takes status, due date and group of the outcome; priority, assignee and tags stay with those who work on the ticket. */
function forAppend(part: Part, values: TicketValues): TicketValues {
  const { priority: _priority, tags: _tags, assignee: _assignee, type: _type, fields: _fields, ...rest } = values;
  return {
    ...rest,
    ...(part.assignee === null ? {} : { assignee: part.assignee }),
    ...(Object.keys(part.fields).length ? { fields: part.fields as Record<string, Json> } : {}),
  };
}

const statusOf = (desk: FactDesk, id: string | undefined): DeskStatus | undefined => desk.schema?.statuses.find((status) => status.id === id);

function namedTickets({ target }: Part): readonly { readonly helpdesk: string; readonly id: string }[] {
  if (target.kind === 'append') return [target.ticket];
  return target.followUpOf ? [target.followUpOf] : [];
}

/** A helpdesk that did not answer has not said that the ticket is not there. */
const notRead = (part: Part, { helpdesk, id }: { helpdesk: string; id: string }, desk: FactDesk | undefined): Missing =>
  desk?.reachable
    ? miss(part, 'ticket', 'ticket-unknown', id, { number: id })
    : miss(part, 'helpdesk', 'helpdesk-unreachable', helpdesk, { helpdesk: desk?.title ?? helpdesk });

export function preparePart(part: Part, decision: Decision, facts: Facts): { prepared: PreparedPart } | { missing: Missing } {
  const name = part.target.kind === 'append' ? part.target.ticket.helpdesk : (part.target.helpdesk ?? facts.mapping.helpdesk);
  const desk = facts.desks[name];
  if (!desk?.schema) return { missing: miss(part, 'helpdesk', 'helpdesk-unreachable', name, { helpdesk: desk?.title ?? name }) };
  const unread = namedTickets(part).find((ticket) => !facts.desks[ticket.helpdesk]?.tickets[ticket.id]);
  if (unread) return { missing: notRead(part, unread, facts.desks[unread.helpdesk]) };
  const found = part.target.kind === 'append' ? desk.tickets[part.target.ticket.id] : undefined;
  const { spec, isNew, person } = requesterOf(part, facts, desk);
  const evaluated = evaluate(part, facts, desk, person);
  const all = override(part, evaluated.values);
  const values = part.target.kind === 'append' ? forAppend(part, all) : all;
  const ticketStatus = found ? statusOf(desk, found.status) : undefined;
  return {
    prepared: {
      part,
      desk,
      messages: messagesOf(part, decision, facts),
      requester: spec,
      requesterIsNew: isNew,
      evaluated,
      values,
      subject: (part.subject ?? evaluated.subject).trim(),
      outcome: facts.mapping.statuses.find(({ key }) => key === part.outcome?.status),
      status: statusOf(desk, values.status),
      ticket: found ? { ref: found.ref, status: ticketStatus, closed: ticketStatus?.meaning === 'closed' && desk.capabilities.closedIsFinal } : undefined,
    },
  };
}

/** Whether the part sets a status at all: an append that keeps it sets nothing. */
export const setsStatus = (part: Part): boolean => part.target.kind === 'new' || part.target.status === 'outcome';

const standardFields = (prepared: PreparedPart): Record<string, Json | undefined> => ({
  subject: prepared.subject,
  description: 'yes',
  requester: prepared.requester.name,
  status: prepared.values.status,
  priority: prepared.values.priority,
  group: prepared.values.group,
  assignee: prepared.values.assignee,
  type: prepared.values.type,
  company: prepared.requester.company?.name,
});

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

function counts(field: DeskField, given: Record<string, unknown>): boolean {
  if (!field.when) return true;
  return field.when.values.includes(String(given[field.when.field] ?? ''));
}

/** Fields that the helpdesk would refuse to do without, named before anything is sent (A8). */
export function missingFields(prepared: PreparedPart, facts: Facts): readonly Missing[] {
  const { part, desk, values, status } = prepared;
  const held = part.target.kind === 'append' ? (desk.tickets[part.target.ticket.id]?.fields ?? {}) : {};
  const given: Record<string, unknown> = { ...held, ...(part.target.kind === 'new' ? standardFields(prepared) : {}), ...values.fields };
  const resolves = setsStatus(part) && (status?.meaning === 'resolved' || status?.meaning === 'closed');
  return (desk.schema?.fields ?? []).flatMap((field) => {
    const needed = (field.required === 'always' && part.target.kind === 'new') || (field.required === 'to-resolve' && resolves);
    const chosen = given[field.name];
    if (needed && counts(field, given) && isEmpty(chosen)) {
      if (part.target.kind === 'append' && field.name in standardFields(prepared)) return [];
      const key = field.required === 'to-resolve' ? 'required-to-resolve' : 'required-by-helpdesk';
      return [miss(part, `fields.${field.name}`, key, field.label, { helpdesk: desk.title, label: field.label })];
    }
    const own = values.fields?.[field.name];
    if (field.choices?.length && !isEmpty(own) && ![own].flat().every((one) => field.choices?.some(({ value }) => value === String(one))))
      return [miss(part, `fields.${field.name}`, 'not-a-choice', field.label, { label: field.label, channel: facts.conversation.channel })];
    return [];
  });
}

const askFields: Record<string, { field: string; key: string }> = {
  served_company: { field: 'served', key: 'served-company' },
  date: { field: 'date', key: 'date' },
  impact: { field: 'impact', key: 'impact' },
  outcome: { field: 'outcome', key: 'outcome' },
  title: { field: 'title', key: 'title' },
};

/** What the dialog itself asks for: outcome first, then title, summary, impact, date, served company. */
export function missingDecisions(prepared: PreparedPart, facts: Facts): readonly Missing[] {
  const { part, evaluated } = prepared;
  const isNew = part.target.kind === 'new';
  const found: Missing[] = [];
  if (setsStatus(part) && !prepared.outcome) found.push(miss(part, 'outcome', 'outcome', 'outcome'));
  if (isNew && !prepared.subject) found.push(miss(part, 'title', 'title', 'title'));
  const { required, min } = facts.mapping.summary;
  const skeleton = facts.mapping.summary.template(part.title.trim()).trim();
  const summary = part.summary.trim();
  if (required && (summary.length < min || summary === skeleton)) found.push(miss(part, 'summary', 'summary-short', 'summary', { min: String(min) }));
  if (isNew && part.impact === null && facts.mapping.impacts.length > 0) found.push(miss(part, 'impact', 'impact', 'impact'));
  for (const ask of evaluated.asks) {
    const place = askFields[ask.field];
    if (!place || (!isNew && ask.field !== 'date') || (ask.field === 'date' && !setsStatus(part))) continue;
    if (!found.some(({ field }) => field === place.field)) found.push(miss(part, place.field, place.key, ask.label, { reason: ask.reason }));
  }
  for (const problem of setsStatus(part) ? evaluated.problems : [])
    found.push(miss(part, problem.field, 'no-mapping-problem', problem.field, { message: problem.message }));
  return found;
}
