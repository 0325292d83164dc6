/** The parts of Zendesk's answers that we rely on; all else may come, go or change. */
import { z } from 'zod';

export const ticketShape = z.looseObject({
  id: z.number(),
  subject: z.string().nullish(),
  description: z.string().nullish(),
  status: z.string(),
  custom_status_id: z.number().nullish(),
  priority: z.string().nullish(),
  type: z.string().nullish(),
  due_at: z.string().nullish(),
  requester_id: z.number().nullish(),
  assignee_id: z.number().nullish(),
  group_id: z.number().nullish(),
  organization_id: z.number().nullish(),
  tags: z.array(z.string()).default([]),
  custom_fields: z.array(z.looseObject({ id: z.number(), value: z.json().nullish() })).default([]),
  created_at: z.string(),
  updated_at: z.string(),
});
export type ZendeskTicket = z.output<typeof ticketShape>;

export const oneTicket = z.looseObject({ ticket: ticketShape });

export const commentShape = z.looseObject({
  id: z.number(),
  author_id: z.number().nullish(),
  body: z.string().nullish(),
  plain_body: z.string().nullish(),
  html_body: z.string().nullish(),
  public: z.boolean(),
  created_at: z.string(),
  attachments: z.array(z.looseObject({ file_name: z.string(), size: z.number().nullish() })).default([]),
  metadata: z.looseObject({ custom: z.looseObject({ deskbridge: z.string().optional() }).nullish().catch(undefined) }).nullish(),
});
export type ZendeskComment = z.output<typeof commentShape>;

export const userShape = z.looseObject({
  id: z.number(),
  name: z.string(),
  email: z.string().nullish(),
  phone: z.string().nullish(),
  organization_id: z.number().nullish(),
  active: z.boolean().optional(),
  suspended: z.boolean().optional(),
});
export type ZendeskUser = z.output<typeof userShape>;

export const userList = z.looseObject({ users: z.array(userShape), next_page: z.string().nullish() });

const option = z.looseObject({ name: z.string(), value: z.string() });

export const fieldShape = z.looseObject({
  id: z.number(),
  type: z.string(),
  title: z.string(),
  key: z.string().nullish(),
  active: z.boolean().default(true),
  required: z.boolean().default(false),
  sub_type_id: z.number().nullish(),
  system_field_options: z.array(option).optional(),
  custom_field_options: z.array(option).optional(),
});
export type ZendeskField = z.output<typeof fieldShape>;

export const statusShape = z.looseObject({
  id: z.number(),
  status_category: z.string(),
  agent_label: z.string(),
  active: z.boolean().default(true),
  default: z.boolean().default(false),
});
export type ZendeskStatus = z.output<typeof statusShape>;

export const jobShape = z.looseObject({
  job_status: z.looseObject({
    id: z.string(),
    status: z.string(),
    // Documented as a list, seen as a single object too.
    results: z.union([z.array(z.looseObject({})), z.looseObject({})]).nullish(),
  }),
});
