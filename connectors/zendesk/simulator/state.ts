/** What a simulated Zendesk account holds. Times are whole seconds in epoch ms, as the vendor's `updated_at` has no fractions. */
import { Refusal } from './refusal.ts';

export interface SimUser {
  readonly id: number;
  name: string;
  email: string | null;
  phone: string | null;
  external_id: string | null;
  role: 'end-user' | 'agent' | 'admin';
  organization_id: number | null;
  suspended?: boolean;
}

export interface SimAttachment {
  readonly id: number;
  readonly file_name: string;
  readonly content_type: string;
  readonly size: number;
  readonly bytes: Buffer;
}

export interface SimComment {
  readonly id: number;
  readonly author_id: number;
  readonly html: string;
  readonly plain: string;
  readonly public: boolean;
  readonly at: number;
  readonly attachments: readonly SimAttachment[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface SimTicket {
  readonly id: number;
  external_id: string | null;
  subject: string;
  status: string;
  custom_status_id: number | null;
  priority: string | null;
  type: string | null;
  due_at: string | null;
  readonly requester_id: number;
  readonly submitter_id: number;
  assignee_id: number | null;
  group_id: number | null;
  organization_id: number | null;
  brand_id: number | null;
  ticket_form_id: number | null;
  tags: string[];
  readonly custom_fields: Map<number, unknown>;
  readonly followup_of: number | null;
  readonly followup_ids: number[];
  readonly created_at: number;
  updated_at: number;
  readonly comments: SimComment[];
}

export interface SimField {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly active: boolean;
  readonly required: boolean;
  readonly key?: string;
  readonly sub_type_id?: number;
  readonly system_field_options?: readonly { readonly name: string; readonly value: string }[];
  readonly custom_field_options?: readonly { readonly id: number; readonly name: string; readonly value: string }[];
}

export interface SimStatus {
  readonly id: number;
  readonly status_category: string;
  readonly agent_label: string;
  readonly active: boolean;
  readonly default: boolean;
}

export interface SimJob {
  readonly id: string;
  readonly dueAt: number;
  readonly total: number;
  status: 'queued' | 'completed';
  results: readonly Record<string, unknown>[] | null;
  run(): readonly Record<string, unknown>[];
}

export interface SimUpload {
  readonly expiresAt: number;
  readonly attachment: SimAttachment;
}

export interface SimState {
  readonly now: () => number;
  /** The clock without fractions of a second. */
  readonly second: () => number;
  readonly id: () => number;
  readonly tickets: Map<number, SimTicket>;
  readonly users: Map<number, SimUser>;
  readonly organizations: Map<number, { readonly id: number; readonly name: string; readonly external_id: string | null }>;
  readonly groups: Map<number, { readonly id: number; readonly name: string }>;
  readonly fields: SimField[];
  readonly statuses: SimStatus[];
  readonly uploads: Map<string, SimUpload>;
  readonly jobs: Map<string, SimJob>;
  readonly keys: Map<string, { readonly body: string; readonly answer: unknown; readonly at: number }>;
  /** Mails that the account's triggers would send to a requester: one for each public comment. */
  readonly mails: { readonly to: string; readonly ticket: number; readonly html: string }[];
  /** The user that our credentials act as. */
  readonly acting: SimUser;
}

export const iso = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');

const systemStatuses = ['new', 'open', 'pending', 'hold', 'solved'];

const options = (names: readonly string[]) => names.map((value) => ({ name: value[0]?.toUpperCase() + value.slice(1), value }));

function seedFields(customStatuses: boolean, required: boolean): SimField[] {
  const field = (id: number, type: string, title: string, more: Partial<SimField> = {}): SimField => ({
    id,
    type,
    title,
    active: true,
    required: false,
    ...more,
  });
  return [
    field(1, 'subject', 'Subject'),
    field(2, 'description', 'Description'),
    field(3, 'status', 'Status', { sub_type_id: 1, system_field_options: options(systemStatuses) }),
    field(4, 'priority', 'Priority', { system_field_options: options(['low', 'normal', 'high', 'urgent']) }),
    field(5, 'tickettype', 'Type', { system_field_options: options(['question', 'incident', 'problem', 'task']) }),
    field(6, 'group', 'Group'),
    field(7, 'assignee', 'Assignee'),
    ...(customStatuses ? [field(8, 'custom_status', 'Ticket status')] : []),
    field(27_642, 'tagger', 'Produto', {
      required,
      key: 'cf_produto',
      custom_field_options: ['Catraca', 'Finger', 'Totem', 'Sistema'].map((name, i) => ({ id: 100 + i, name, value: `produto_${name.toLowerCase()}` })),
    }),
    field(27_643, 'date', 'Data de retorno', { key: 'cf_data_retorno' }),
    field(27_644, 'text', 'Número de série'),
    field(27_645, 'text', 'Campo antigo', { active: false }),
  ];
}

function seedStatuses(): SimStatus[] {
  const status = (id: number, status_category: string, agent_label: string, isDefault = true): SimStatus => ({
    id,
    status_category,
    agent_label,
    active: true,
    default: isDefault,
  });
  return [
    status(9001, 'new', 'New'),
    status(9002, 'open', 'Open'),
    status(9003, 'pending', 'Pending'),
    status(9004, 'hold', 'On-hold'),
    status(9005, 'solved', 'Solved'),
    status(9006, 'pending', 'Esperando o cliente', false),
    status(9007, 'hold', 'Visita presencial', false),
  ];
}

export function createState(setup: { now: () => number; customStatuses: boolean; requiredOnSolve: boolean }): SimState {
  let last = 1000;
  const id = (): number => ++last;
  const acting: SimUser = { id: 11, name: 'Deskbridge', email: 'deskbridge@example.com', phone: null, external_id: null, role: 'admin', organization_id: null };
  const ana: SimUser = { ...acting, id: 12, name: 'Ana Lima', email: 'ana@example.com', role: 'agent' };
  return {
    now: setup.now,
    second: () => Math.floor(setup.now() / 1000) * 1000,
    id,
    tickets: new Map(),
    users: new Map([acting, ana].map((user) => [user.id, user])),
    organizations: new Map(),
    groups: new Map(['Suporte', 'Hardware', 'Software', 'Campo'].map((name, i) => [21 + i, { id: 21 + i, name }])),
    fields: seedFields(setup.customStatuses, setup.requiredOnSolve),
    statuses: setup.customStatuses ? seedStatuses() : [],
    uploads: new Map(),
    jobs: new Map(),
    keys: new Map(),
    mails: [],
    acting,
  };
}

/** A ticket's id, however it was written; throws 404 for one that is not there. */
export function needTicket(state: SimState, id: unknown): SimTicket {
  const ticket = state.tickets.get(Number(id));
  if (!ticket) throw new Refusal(404, { error: 'RecordNotFound', description: 'Not found' });
  return ticket;
}
