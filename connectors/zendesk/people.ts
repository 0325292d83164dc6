/** Requesters and companies ("Search Users", "Autocomplete Organizations"). The index of users has no lag, unlike search. */
import { z } from 'zod';
import type { Identity, Requester } from '../../src/kit/index.ts';
import type { Desk } from './desk.ts';
import { userList, type ZendeskUser } from './shapes.ts';

const named = z.looseObject({ id: z.number(), name: z.string(), organization_fields: z.record(z.string(), z.json()).nullish() });

const digits = (phone: string | null | undefined): string => (phone ?? '').replace(/\D/g, '');

async function search(desk: Desk, query: Readonly<Record<string, string>>): Promise<readonly ZendeskUser[]> {
  const { users } = await desk.client.call({ method: 'GET', path: '/users/search', query }, userList);
  return users.filter(({ active }) => active !== false);
}

/** Users with exactly this identity: the search itself also matches parts. */
async function byIdentity(desk: Desk, { kind, value }: Identity): Promise<readonly ZendeskUser[]> {
  if (kind === 'email') return (await search(desk, { query: `email:"${value}"` })).filter(({ email }) => email?.toLowerCase() === value.toLowerCase());
  if (kind === 'phone') return (await search(desk, { query: `role:end-user phone:${digits(value)}` })).filter(({ phone }) => digits(phone) === digits(value));
  return [];
}

async function toRequester(desk: Desk, user: ZendeskUser): Promise<Requester> {
  const { id, name, email, phone, organization_id: company } = user;
  const organization = company
    ? (await desk.client.call({ method: 'GET', path: `/organizations/${company}` }, z.looseObject({ organization: named }))).organization
    : undefined;
  return {
    id: String(id),
    name,
    email: email ?? null,
    phone: phone ?? null,
    company: organization ? { id: String(organization.id), name: organization.name, fields: organization.organization_fields ?? {} } : null,
  };
}

/** By our contact's id first, then by identities, verified ones before claimed. A phone that several people share finds nobody. */
export async function findRequester(desk: Desk, identities: readonly Identity[], contact: string): Promise<Requester | undefined> {
  const [own] = await search(desk, { external_id: contact });
  if (own) return toRequester(desk, own);
  for (const identity of identities.toSorted((a, b) => Number(b.verified) - Number(a.verified))) {
    const [user, ...others] = await byIdentity(desk, identity);
    if (user && !others.length) return toRequester(desk, user);
  }
  return undefined;
}

export async function findCompanies(desk: Desk, name: string): Promise<{ id: string; name: string }[]> {
  const query = name.trim();
  if (query.length < 2) return [];
  const call = { method: 'GET', path: '/organizations/autocomplete', query: { name: query } } as const;
  const { organizations } = await desk.client.call(call, z.looseObject({ organizations: z.array(named) }));
  return organizations.map((each) => ({ id: String(each.id), name: each.name }));
}
