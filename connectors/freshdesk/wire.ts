/**
 * Freshdesk's answers as far as they are read. Lenient, because Freshdesk adds attributes at any time; blank ones come as null.
 * Freshdesk API v2, "Schema", "Create a Ticket", "List All Conversations", "Contacts", "Companies", "List All Ticket Fields".
 */
import { z } from 'zod';

const id = z.number().int();
const time = z.string().transform((text, context) => {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  context.issues.push({ code: 'custom', message: 'not a time', input: text });
  return z.NEVER;
});
const optionalText = z.string().nullish();

const attachment = z.looseObject({ name: z.string().catch('?'), size: z.number().nullish(), file_size: z.number().nullish() });

/** What stands in place of a body in tickets that were born in Freshdesk's own web chat. */
const structured = z.looseObject({ body_contents: z.array(z.looseObject({ data: z.looseObject({ content: z.string() }).optional().catch(undefined) })) });

export const conversation = z.looseObject({
  id,
  private: z.boolean().catch(false),
  source: z.number().nullish(),
  incoming: z.boolean().catch(false),
  user_id: id.nullish(),
  body: z.string().nullish(),
  body_text: z.string().nullish(),
  structured_body: structured.nullish().catch(null),
  attachments: z.array(attachment).catch([]),
  created_at: time,
});
export type WireConversation = z.output<typeof conversation>;

export const ticket = z.looseObject({
  id,
  subject: optionalText,
  status: z.number(),
  priority: z.number().nullish(),
  type: optionalText,
  requester_id: id.nullish(),
  requester: z.looseObject({ id, name: optionalText }).nullish(),
  company: z.looseObject({ id: id.nullish(), name: optionalText }).nullish(),
  company_id: id.nullish(),
  responder_id: id.nullish(),
  group_id: id.nullish(),
  product_id: id.nullish(),
  due_by: time.nullish(),
  description: optionalText,
  deleted: z.boolean().nullish(),
  // Left undefined where a list leaves them out: then it can't prove that a mark is absent.
  tags: z.array(z.string()).optional(),
  custom_fields: z.record(z.string(), z.json()).optional(),
  conversations: z.array(conversation).optional(),
  created_at: time,
  updated_at: time,
});
export type WireTicket = z.output<typeof ticket>;

export const contact = z.looseObject({
  id,
  name: optionalText,
  email: optionalText,
  phone: optionalText,
  mobile: optionalText,
  company_id: id.nullish(),
  other_companies: z.array(z.looseObject({ company_id: id })).nullish(),
  unique_external_id: optionalText,
});
export type WireContact = z.output<typeof contact>;

export const company = z.looseObject({ id, name: z.string(), custom_fields: z.record(z.string(), z.json()).nullish() });
export const companies = z.looseObject({ companies: z.array(company) });

export const field = z.looseObject({
  name: z.string(),
  label: z.string().catch(''),
  type: z.string(),
  required_for_agents: z.boolean().catch(false),
  required_for_closure: z.boolean().catch(false),
  choices: z.json().optional(),
  nested_ticket_fields: z.array(z.looseObject({ name: z.string(), label: z.string().catch(''), level: z.number() })).optional(),
});
export type WireField = z.output<typeof field>;

export const me = z.looseObject({
  id,
  ticket_scope: z.number().nullish(),
  occasional: z.boolean().nullish(),
  contact: z.looseObject({ name: optionalText }).nullish(),
});

export const agent = z.looseObject({ id, contact: z.looseObject({ email: optionalText }).nullish() });

export const timeEntry = z.looseObject({
  id,
  agent_id: id.nullish(),
  billable: z.boolean().catch(false),
  note: optionalText,
  time_spent: z.string().catch('00:00'),
  executed_at: time.nullish(),
  created_at: time,
});
export type WireTimeEntry = z.output<typeof timeEntry>;

export const created = z.looseObject({ id });
export const summary = z.looseObject({ body: z.string().nullish() });
