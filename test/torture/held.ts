/** What each helpdesk holds after all, in one shape: tickets and every text on them, with who can read it. */
import type { Database } from 'better-sqlite3';
import type { StoredEntry, StoredTicket } from '../../connectors/desk/tickets.ts';
import type { HelpdeskName, Status } from './cases.ts';
import type { Outside } from './outside.ts';

export interface HeldText {
  readonly place: string;
  /** The requester can read it. */
  readonly public: boolean;
  readonly html: string;
}

export interface HeldTicket {
  readonly helpdesk: HelpdeskName;
  readonly id: string;
  readonly subject: string;
  readonly status: Status | string;
  readonly texts: readonly HeldText[];
  /** What a link to it ends with. */
  readonly link: string;
}

const freshdeskStatus: Readonly<Record<number, Status>> = { 2: 'open', 3: 'pending', 4: 'solved' };
const deskStatus: Readonly<Record<string, Status>> = { open: 'open', pending: 'pending', resolved: 'solved' };

const inFreshdesk = ({ freshdesk: { state } }: Outside): HeldTicket[] =>
  state.tickets.map(({ id, subject, status, description, summary }) => ({
    helpdesk: 'freshdesk-br',
    id: String(id),
    subject: subject ?? '',
    status: freshdeskStatus[status] ?? String(status),
    link: `/a/tickets/${id}"`,
    texts: [
      { place: 'description', public: true, html: description },
      ...(summary === null ? [] : [{ place: 'summary', public: false, html: summary }]),
      ...state.conversations
        .filter(({ ticket_id }) => ticket_id === id)
        .map((entry) => ({ place: `conversation ${entry.id}`, public: !entry.private, html: entry.body })),
    ],
  }));

const inZendesk = ({ zendesk: { state } }: Outside): HeldTicket[] =>
  [...state.tickets.values()].map(({ id, subject, status, comments }) => ({
    helpdesk: 'zendesk-br',
    id: String(id),
    subject,
    status,
    link: `/agent/tickets/${id}"`,
    texts: comments.map((comment) => ({ place: `comment ${comment.id}`, public: comment.public, html: comment.html })),
  }));

function inDesk(db: Database): HeldTicket[] {
  const rows = <T>(collection: string): T[] =>
    db
      .prepare<[string], { value: string }>(`SELECT value FROM records WHERE owner = 'desk' AND collection = ?`)
      .all(collection)
      .map(({ value }) => JSON.parse(value) as T);
  const entries = rows<StoredEntry>('entries');
  return rows<StoredTicket>('tickets').map(({ id, subject, status, description, summary }) => ({
    helpdesk: 'desk',
    id,
    subject,
    status: deskStatus[status] ?? status,
    link: `/tickets/desk/${id}"`,
    texts: [
      { place: 'description', public: true, html: description },
      ...(summary ? [{ place: 'summary', public: false, html: summary }] : []),
      ...entries.filter(({ ticket }) => ticket === id).map(({ kind, html }, index) => ({ place: `entry ${index + 1}`, public: kind === 'reply', html })),
    ],
  }));
}

export const heldTickets = (outside: Outside, db: Database): readonly HeldTicket[] => [...inFreshdesk(outside), ...inZendesk(outside), ...inDesk(db)];
