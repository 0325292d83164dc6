/** The gym desk's account for the sandbox and for whole journeys. What its settings must be stands in `connectors/sandbox.yaml`. */
import express, { type Express } from 'express';
import { escapeHtml } from '../../../src/kit/index.ts';
import { named, type Seed, type SimulatedAccount } from '../../../src/kit/simulator.ts';
import { type FreshdeskSimulator, freshdeskSimulator } from '../simulator.ts';
import { gymFields } from './fields.ts';
import type { State } from './state.ts';

export interface FreshdeskSandbox extends SimulatedAccount {
  readonly simulator: FreshdeskSimulator;
}

const day = 86_400_000;

export function sandboxAccount(): FreshdeskSandbox {
  const simulator = freshdeskSimulator({ apiKey: 'sandbox-key', account: { multipleCompanies: true } });
  return { app: withPages(simulator), dials: simulator.dials, simulator, seed: (seed) => plant(simulator.state, seed) };
}

/** The page that links to a ticket lead to, so that they lead somewhere. Bodies are cleaned when they are stored, as Freshdesk does. */
function withPages({ app, state }: FreshdeskSimulator): Express {
  const site = express();
  site.get('/a/tickets/:id', (request, response, next) => {
    const ticket = state.tickets.find(({ id }) => id === Number(request.params.id));
    if (!ticket) return next();
    const entries = state.conversations.filter(({ ticket_id }) => ticket_id === ticket.id);
    const status = statuses()[String(ticket.status)]?.[0] ?? '';
    const parts = [
      `<h1>#${ticket.id} ${escapeHtml(ticket.subject ?? '')}</h1><p>${escapeHtml(status)}, ${escapeHtml(JSON.stringify(ticket.custom_fields))}</p>`,
      `<article>${ticket.description}</article>`,
      ...(ticket.summary ? [`<h2>Summary</h2><article>${ticket.summary}</article>`] : []),
      ...entries.map((entry) => `<h2>${entry.private ? 'Private note' : 'Reply'}</h2><article>${entry.body}</article>`),
    ];
    response
      .set('content-security-policy', "default-src 'none'")
      .type('html')
      .send(`<!doctype html><meta charset="utf-8"><title>#${ticket.id}</title>${parts.join('')}`);
  });
  return site.disable('x-powered-by').use(app);
}

const statuses = (): Readonly<Record<string, readonly string[]>> =>
  gymFields.find(({ type }) => type === 'default_status')?.choices as Readonly<Record<string, readonly string[]>>;

function statusId(label: string): number {
  return Number(
    named(
      Object.entries(statuses()).find(([, [agents]]) => agents === label),
      `the status ${label}`,
    )[0],
  );
}

function plant(state: State, seed: Seed): Record<string, string> {
  const companies = new Map(seed.companies.map(({ name }) => [name, state.addCompany({ name }).id]));
  const contacts = new Map(
    seed.contacts.map(({ name, email, phone, company, companies: others = [] }) => {
      const idOf = (one: string): number => named(companies.get(one), `the company ${one}`);
      const other_companies = others.map((one) => ({ company_id: idOf(one), view_all_tickets: false }));
      const company_id = company === undefined ? null : idOf(company);
      return [name, state.addContact({ name, email: email ?? null, phone: phone ?? null, company_id, other_companies }).id];
    }),
  );
  return Object.fromEntries(
    seed.tickets.map(({ key, subject, contact, status, fields, openedDaysAgo, changedDaysAgo }) => {
      const ticket = state.addTicket({
        subject,
        requester_id: named(contacts.get(contact), `the contact ${contact}`),
        status: statusId(status),
        custom_fields: { ...fields },
        created_at: state.now() - openedDaysAgo * day,
        updated_at: state.now() - changedDaysAgo * day,
      });
      return [key, String(ticket.id)];
    }),
  );
}
