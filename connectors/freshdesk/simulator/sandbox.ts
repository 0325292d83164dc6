/** The gym desk's account for the sandbox and for whole journeys. What its settings must be stands in `connectors/sandbox.yaml`. */
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
  return { app: simulator.app, dials: simulator.dials, simulator, seed: (seed) => plant(simulator.state, seed) };
}

function statusId(label: string): number {
  const choices = gymFields.find(({ type }) => type === 'default_status')?.choices as Readonly<Record<string, readonly string[]>>;
  return Number(
    named(
      Object.entries(choices).find(([, [agents]]) => agents === label),
      `the status ${label}`,
    )[0],
  );
}

function plant(state: State, seed: Seed): Record<string, string> {
  const companies = new Map(seed.companies.map(({ name }) => [name, state.addCompany({ name }).id]));
  const contacts = new Map(
    seed.contacts.map(({ name, email, phone, company }) => {
      const company_id = company === undefined ? null : named(companies.get(company), `the company ${company}`);
      return [name, state.addContact({ name, email: email ?? null, phone: phone ?? null, company_id }).id];
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
