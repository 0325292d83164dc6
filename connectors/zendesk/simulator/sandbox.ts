/** The gym desk's account for the sandbox and for whole journeys. What its settings must be stands in `connectors/sandbox.yaml`. */
import { named, type Seed, type SimulatedAccount } from '../../../src/kit/simulator.ts';
import { type ZendeskSimulator, zendeskSimulator } from '../simulator.ts';
import type { SimState } from './state.ts';

export interface ZendeskSandbox extends SimulatedAccount {
  readonly simulator: ZendeskSimulator;
}

const day = 86_400_000;

export function sandboxAccount(): ZendeskSandbox {
  const simulator = zendeskSimulator({ credentials: { clientId: 'deskbridge', clientSecret: 'sandbox-secret' } });
  // The mapping's group for Saturdays.
  const group = simulator.state.id();
  simulator.state.groups.set(group, { id: group, name: 'Plantão' });
  return { app: simulator.app, dials: simulator.dials, simulator, seed: (seed) => plant(simulator, seed) };
}

function customFields(state: SimState, fields: Readonly<Record<string, string>>): { id: number; value: string }[] {
  return Object.entries(fields).map(([key, label]) => {
    const field = named(
      state.fields.find((one) => one.key === key),
      `the field ${key}`,
    );
    return { id: field.id, value: field.custom_field_options?.find(({ name }) => name === label)?.value ?? label };
  });
}

function plant(simulator: ZendeskSimulator, seed: Seed): Record<string, string> {
  const { state } = simulator;
  const companies = new Map(seed.companies.map(({ name }) => [name, simulator.addOrganization(name).id]));
  const contacts = new Map(
    seed.contacts.map(({ name, email, phone, company }) => {
      const organization_id = company === undefined ? null : named(companies.get(company), `the company ${company}`);
      return [name, simulator.addUser({ name, email: email ?? null, phone: phone ?? null, organization_id }).id];
    }),
  );
  return Object.fromEntries(
    seed.tickets.map(({ key, subject, contact, status, fields, openedDaysAgo, changedDaysAgo }) => {
      const ticket = simulator.addTicket({
        subject,
        requester_id: named(contacts.get(contact), `the contact ${contact}`),
        custom_status_id: named(
          state.statuses.find(({ agent_label }) => agent_label === status),
          `the status ${status}`,
        ).id,
        custom_fields: customFields(state, fields),
      });
      Object.assign(ticket, { created_at: state.second() - openedDaysAgo * day, updated_at: state.second() - changedDaysAgo * day });
      return [key, String(ticket.id)];
    }),
  );
}
