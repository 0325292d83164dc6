/** Objects as the simulated API answers them. */
import { plain } from './html.ts';
import type { Company, Contact, Conversation, File, State, Ticket, TimeEntry } from './state.ts';

export const time = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/** The pages use both `size` and `file_size`; this account's tickets say the one, its conversations the other. */
const file = ({ id, name, content_type, bytes }: File, size: 'size' | 'file_size', at: number): object => ({
  id,
  name,
  content_type,
  [size]: bytes.length,
  attachment_url: `https://storage.invalid/attachments/${id}`,
  created_at: time(at),
  updated_at: time(at),
});

export const contact = (one: Contact): object => ({
  ...one,
  active: false,
  other_emails: [],
  tags: [],
  custom_fields: {},
  created_at: time(one.created_at),
  updated_at: time(one.updated_at),
});

export const company = (one: Company): object => ({ ...one, created_at: time(one.created_at), updated_at: time(one.updated_at) });

export const conversation = (one: Conversation): object => ({
  ...one,
  body_text: plain(one.body),
  support_email: null,
  from_email: null,
  cc_emails: [],
  bcc_emails: [],
  last_edited_at: null,
  last_edited_user_id: null,
  attachments: one.attachments.map((attachment) => file(attachment, 'file_size', one.created_at)),
  created_at: time(one.created_at),
  updated_at: time(one.created_at),
});

export const timeEntry = (one: TimeEntry): object => ({
  ...one,
  timer_running: false,
  start_time: time(one.created_at),
  executed_at: time(one.executed_at),
  created_at: time(one.created_at),
  updated_at: time(one.created_at),
});

export function ticket(one: Ticket, options: { description: boolean }): Record<string, unknown> {
  const { attachments, summary: _summary, description, ...rest } = one;
  return {
    ...rest,
    fwd_emails: [],
    reply_cc_emails: [],
    to_emails: null,
    urgent: false,
    fr_escalated: false,
    is_escalated: false,
    email_config_id: null,
    ...(options.description
      ? { description, description_text: plain(description), attachments: attachments.map((one) => file(one, 'size', rest.created_at)) }
      : {}),
    created_at: time(one.created_at),
    updated_at: time(one.updated_at),
  };
}

/** What `include=` adds to a ticket. */
export const included: Readonly<Record<string, (one: Ticket, state: State) => Record<string, unknown>>> = {
  requester(one, state) {
    const who = state.contacts.find(({ id }) => id === one.requester_id);
    return { requester: who && { id: who.id, name: who.name, email: who.email, mobile: who.mobile, phone: who.phone } };
  },
  company(one, state) {
    const whose = state.companies.find(({ id }) => id === one.company_id);
    return { company: whose ? { id: whose.id, name: whose.name } : {} };
  },
  conversations: (one, state) => ({
    conversations: state.conversations
      .filter(({ ticket_id }) => ticket_id === one.id)
      .slice(0, 10)
      .map(conversation),
  }),
  description: (one) => ({ description: one.description, description_text: plain(one.description) }),
};
