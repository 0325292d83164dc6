/** Users: search, `create_or_update`, and the Anonymous user ("Users" of the API reference). */
import { Refusal, unknown } from './refusal.ts';
import type { SimState, SimUser } from './state.ts';

type Body = Record<string, unknown>;

export const anonymous = { user: { id: null, name: 'Anonymous user', email: 'invalid@example.com', role: 'end-user', verified: false } };

const digits = (phone: string | null): string => (phone ?? '').replace(/\D/g, '');

/** `key:value` terms and words; the index of users has no lag. */
export function searchUsers(state: SimState, query: Body): SimUser[] {
  const users = [...state.users.values()];
  if (query.external_id !== undefined) return users.filter((user) => user.external_id?.toLowerCase() === String(query.external_id).toLowerCase());
  const terms = String(query.query ?? '').match(/[a-z_]+:"[^"]*"|\S+/g) ?? [];
  return users.filter((user) =>
    terms.every((term) => {
      const [, key, quoted, bare] = /^(?:([a-z_]+):)?(?:"([^"]*)"|(.*))$/.exec(term) ?? [];
      const value = (quoted ?? bare ?? '').toLowerCase();
      if (key === undefined) return `${user.name} ${user.email ?? ''}`.toLowerCase().includes(value);
      if (key === 'role') return user.role === value;
      if (key === 'email') return user.email?.toLowerCase() === value;
      if (key === 'phone') return value.startsWith('*') ? digits(user.phone).endsWith(value.slice(1)) : digits(user.phone) === value;
      throw unknown(`a user search by "${key}"`);
    }),
  );
}

/** Matches by external id or address, never by phone. 200 for a known user, 201 for a new one. */
export function upsertUser(state: SimState, given: Body): { status: 200 | 201; user: SimUser } {
  const text = (key: string): string | null => (given[key] === undefined || given[key] === null ? null : String(given[key]));
  if (!text('name'))
    throw new Refusal(422, {
      error: 'RecordInvalid',
      description: 'Record validation errors',
      details: { name: [{ description: 'Name: is too short (minimum one character)', error: 'ValueTooShort' }] },
    });
  const phone = text('phone');
  if (phone !== null && !/^\+[1-9]\d{6,14}$/.test(phone)) {
    // The one detail that is documented as an object, not a list.
    const details = { phone: { description: `Phone ${phone} is not properly formatted`, error: 'InvalidFormat' } };
    throw new Refusal(422, { error: 'RecordInvalid', description: 'Record validation errors', details });
  }
  const users = [...state.users.values()];
  const byId = users.find((user) => text('external_id') !== null && user.external_id?.toLowerCase() === text('external_id')?.toLowerCase());
  const byEmail = users.find((user) => text('email') !== null && user.email?.toLowerCase() === text('email')?.toLowerCase());
  if (byId && byEmail && byId !== byEmail) {
    const details = { email: [{ description: `Email: ${text('email')} is already being used by another user`, error: 'DuplicateValue' }] };
    throw new Refusal(422, { error: 'RecordInvalid', description: 'Record validation errors', details });
  }
  const known = byId ?? byEmail;
  const values = {
    name: text('name') ?? '',
    ...(text('email') === null ? {} : { email: text('email') }),
    ...(phone === null ? {} : { phone }),
    ...(text('external_id') === null ? {} : { external_id: text('external_id') }),
    ...(given.organization_id === undefined ? {} : { organization_id: Number(given.organization_id) }),
  };
  if (known) return { status: 200, user: Object.assign(known, values) };
  const user: SimUser = { id: state.id(), email: null, phone: null, external_id: null, role: 'end-user', organization_id: null, ...values };
  state.users.set(user.id, user);
  return { status: 201, user };
}
