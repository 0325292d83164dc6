/** Requesters and companies, looked up and never created. Freshdesk API v2, "List All Contacts", "Search Companies" (autocomplete). */
import { z } from 'zod';
import type { Identity, Requester } from '../../src/kit/index.ts';
import type { Desk } from './desk.ts';
import * as wire from './wire.ts';

/** Numbers are matched as they were stored, so with and without the plus, in both fields. */
const phoneQueries = (phone: string): Record<string, string>[] =>
  [...new Set([phone, phone.replace(/^\+/, '')])].flatMap((value) => [{ phone: value }, { mobile: value }]);

function queriesOf(identities: readonly Identity[]): Record<string, string>[] {
  const trusted = [...identities].sort((a, b) => Number(b.verified) - Number(a.verified));
  const of = (kind: Identity['kind']): string[] => trusted.filter((one) => one.kind === kind).map(({ value }) => value);
  return [...of('email').map((email) => ({ email })), ...of('phone').flatMap(phoneQueries)];
}

/** By e-mail first, since a phone may be a reception's. Of several people on one number, the one who is our contact, else the first that Freshdesk lists. */
export async function findRequester(desk: Desk, identities: readonly Identity[], ours: string): Promise<Requester | undefined> {
  for (const query of queriesOf(identities)) {
    const found = await desk.client.get('/contacts', z.array(wire.contact), query);
    const contact = found.find(({ unique_external_id }) => unique_external_id === ours) ?? found[0];
    if (contact) return requesterOf(desk, contact);
  }
  return undefined;
}

async function requesterOf(desk: Desk, contact: wire.WireContact): Promise<Requester> {
  return {
    id: String(contact.id),
    name: contact.name ?? contact.email ?? String(contact.id),
    email: contact.email ?? null,
    phone: contact.phone ?? contact.mobile ?? null,
    company: await desk.company(contact.company_id),
    otherCompanies: (await Promise.all((contact.other_companies ?? []).map((other) => desk.company(other.company_id)))).filter((one) => one !== null),
  };
}

/** Beginnings of words; Freshdesk finds no substrings. */
export async function findCompanies(desk: Desk, name: string): Promise<{ id: string; name: string }[]> {
  if (name.trim() === '') return [];
  const { companies } = await desk.client.get('/companies/autocomplete', wire.companies, { name: name.trim() });
  return companies.map((company) => ({ id: String(company.id), name: company.name }));
}
