/** What the simulated account holds. Times are epoch milliseconds, cut to whole seconds as Freshdesk's are. */
export interface Agent {
  readonly id: number;
  readonly name: string;
  readonly email: string;
}

export interface Company {
  readonly id: number;
  name: string;
  domains: string[];
  custom_fields: Record<string, unknown>;
  created_at: number;
  updated_at: number;
}

export interface Contact {
  readonly id: number;
  name: string;
  email: string | null;
  phone: string | null;
  mobile: string | null;
  unique_external_id: string | null;
  company_id: number | null;
  other_companies: readonly { readonly company_id: number; readonly view_all_tickets: boolean }[];
  created_at: number;
  updated_at: number;
}

export interface File {
  readonly id: number;
  readonly name: string;
  readonly content_type: string;
  readonly bytes: Buffer;
}

export interface Conversation {
  readonly id: number;
  readonly ticket_id: number;
  readonly user_id: number;
  readonly body: string;
  readonly private: boolean;
  readonly incoming: boolean;
  /** 0 reply, 2 note. */
  readonly source: 0 | 2;
  readonly to_emails: string[];
  readonly attachments: File[];
  readonly created_at: number;
}

/** Attributes as Freshdesk stores and shows them. */
export interface TicketAttributes {
  subject: string | null;
  description: string;
  status: number;
  priority: number;
  source: number;
  type: string | null;
  group_id: number | null;
  responder_id: number | null;
  company_id: number | null;
  product_id: number | null;
  cc_emails: string[];
  tags: string[];
  custom_fields: Record<string, unknown>;
  due_by: string | null;
  fr_due_by: string | null;
}

export interface Ticket extends TicketAttributes {
  readonly id: number;
  requester_id: number;
  attachments: File[];
  summary: string | null;
  spam: boolean;
  deleted: boolean;
  readonly created_at: number;
  updated_at: number;
}

export interface TimeEntry {
  readonly id: number;
  readonly ticket_id: number;
  readonly agent_id: number;
  readonly billable: boolean;
  readonly note: string | null;
  readonly time_spent: string;
  readonly executed_at: number;
  readonly created_at: number;
}

/** A mail that Freshdesk sent to a customer. */
export interface Mail {
  readonly to: string;
  readonly ticket: number;
  readonly body: string;
}

export interface State {
  readonly agents: Agent[];
  readonly companies: Company[];
  readonly contacts: Contact[];
  readonly tickets: Ticket[];
  readonly conversations: Conversation[];
  readonly timeEntries: TimeEntry[];
  readonly mails: Mail[];
  now(): number;
  nextId(): number;
  nextTicket(): number;
  addCompany(company: { name: string; domains?: string[]; custom_fields?: Record<string, unknown> }): Company;
  /** Attached to the company that owns the e-mail's domain, unless one is given. */
  addContact(contact: Partial<Omit<Contact, 'id' | 'created_at' | 'updated_at'>> & { name: string }): Contact;
  /** A ticket that exists already, without the checks of the API. */
  addTicket(ticket: Partial<TicketAttributes> & { requester_id: number; subject: string; created_at?: number; updated_at?: number }): Ticket;
}

const blank = (): TicketAttributes => ({
  subject: null,
  description: '',
  status: 2,
  priority: 1,
  source: 2,
  type: null,
  group_id: null,
  responder_id: null,
  company_id: null,
  product_id: null,
  cc_emails: [],
  tags: [],
  custom_fields: {},
  due_by: null,
  fr_due_by: null,
});

export function createState(clock: () => number, agents: readonly Agent[]): State {
  let id = 43_000_000_000;
  let number = 0;
  const now = (): number => Math.floor(clock() / 1000) * 1000;
  const nextId = (): number => {
    id += 1;
    return id;
  };
  const state: State = {
    agents: [...agents],
    companies: [],
    contacts: [],
    tickets: [],
    conversations: [],
    timeEntries: [],
    mails: [],
    now,
    nextId,
    nextTicket() {
      number += 1;
      return number;
    },
    addCompany(company) {
      const added = { domains: [], custom_fields: {}, ...company, id: nextId(), created_at: now(), updated_at: now() };
      state.companies.push(added);
      return added;
    },
    addContact(contact) {
      const domain = contact.email?.split('@')[1]?.toLowerCase();
      const owner = state.companies.find(({ domains }) => domain !== undefined && domains.includes(domain));
      const empty = { email: null, phone: null, mobile: null, unique_external_id: null, company_id: owner?.id ?? null, other_companies: [] };
      const added = { ...empty, ...contact, id: nextId(), created_at: now(), updated_at: now() };
      state.contacts.push(added);
      return added;
    },
    addTicket(ticket) {
      const times = { created_at: now(), updated_at: ticket.created_at ?? now() };
      const company_id = state.contacts.find((contact) => contact.id === ticket.requester_id)?.company_id ?? null;
      const added: Ticket = {
        ...blank(),
        description: ticket.subject,
        company_id,
        ...times,
        ...ticket,
        id: state.nextTicket(),
        attachments: [],
        summary: null,
        spam: false,
        deleted: false,
      };
      state.tickets.push(added);
      return added;
    },
  };
  return state;
}
