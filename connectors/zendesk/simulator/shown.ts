/** Tickets, comments and users as the API shows them. */
import { iso, type SimAttachment, type SimComment, type SimState, type SimTicket, type SimUser } from './state.ts';

export const shownUser = (user: SimUser) => ({
  id: user.id,
  name: user.name,
  email: user.email,
  phone: user.phone,
  external_id: user.external_id,
  role: user.role,
  organization_id: user.organization_id,
  active: true,
  suspended: user.suspended ?? false,
  verified: user.email !== null,
});

const shownAttachment = ({ id, file_name, content_type, size }: SimAttachment) => ({ id, file_name, content_type, size, inline: false, thumbnails: [] });

export { shownAttachment };

export function shownTicket(state: SimState, ticket: SimTicket) {
  const { custom_fields, comments, created_at, updated_at, followup_of, ...plain } = ticket;
  const fields = state.fields
    .filter(({ active, id }) => active && id > 1000)
    .map(({ id, type }) => ({ id, value: custom_fields.get(id) ?? (type === 'checkbox' ? false : null) }));
  return {
    ...plain,
    raw_subject: ticket.subject,
    description: comments[0]?.plain ?? '',
    created_at: iso(created_at),
    updated_at: iso(updated_at),
    generated_timestamp: Math.floor(updated_at / 1000),
    via: { channel: followup_of === null ? 'api' : 'follow_up', source: { from: followup_of === null ? {} : { ticket_id: followup_of }, to: {}, rel: null } },
    is_public: comments.some((comment) => comment.public),
    custom_fields: fields,
    fields,
  };
}

export const shownComment = (comment: SimComment, readableMetadata: boolean) => ({
  id: comment.id,
  type: 'Comment',
  author_id: comment.author_id,
  body: comment.plain,
  html_body: `<div class="zd-comment" dir="auto">${comment.html}</div>`,
  plain_body: comment.plain,
  public: comment.public,
  attachments: comment.attachments.map(shownAttachment),
  created_at: iso(comment.at),
  metadata: { system: { client: 'Deskbridge' }, custom: readableMetadata ? comment.metadata : {} },
});

/** The users and organizations that `include` asks for beside some tickets. */
export function sideloads(state: SimState, include: unknown, tickets: readonly SimTicket[]) {
  const asked = String(include ?? '');
  const wanted = (ids: readonly (number | null)[]): number[] => [...new Set(ids.filter((id) => id !== null))];
  const users = wanted(tickets.flatMap((ticket) => [ticket.requester_id, ticket.assignee_id])).flatMap((id) => state.users.get(id) ?? []);
  const organizations = wanted(tickets.map((ticket) => ticket.organization_id)).flatMap((id) => state.organizations.get(id) ?? []);
  return { ...(asked.includes('users') ? { users: users.map(shownUser) } : {}), ...(asked.includes('organizations') ? { organizations } : {}) };
}
