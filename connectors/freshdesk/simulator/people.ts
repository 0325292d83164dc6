/** Contacts, companies and agents of the simulated account. "Contacts", "Companies", "Agents". */
import { Router } from 'express';
import { readBody } from './body.ts';
import { page, readQuery } from './lists.ts';
import { type FieldError, gone, invalid, Refusal } from './refusal.ts';
import * as show from './show.ts';
import type { Contact, State } from './state.ts';

const same = (a: string | null, b: string): boolean => a?.toLowerCase() === b.toLowerCase();

const isMail = (text: string): boolean => /^[^\s@]+@[^\s@]+$/.test(text);

/** The contact that a ticket's requester keys name, or a new one. "Create a Ticket": an unknown e-mail, phone or external id makes a contact. */
export function requesterOf(state: State, given: Record<string, unknown>): Contact {
  if (typeof given.requester_id === 'number') {
    const known = state.contacts.find(({ id }) => id === given.requester_id);
    if (known) return known;
    throw invalid([{ field: 'requester_id', message: 'There is no contact matching the given requester_id', code: 'invalid_value' }]);
  }
  const text = (name: string): string | null => (typeof given[name] === 'string' && given[name] !== '' ? String(given[name]) : null);
  const [email, phone, external, name] = [text('email'), text('phone'), text('unique_external_id'), text('name')];
  if (!email && !phone && !external)
    throw invalid([{ field: 'requester_id', message: 'One of requester_id, email, phone, unique_external_id is mandatory', code: 'missing_field' }]);
  if (email && !isMail(email)) throw invalid([{ field: 'email', message: "It should be in the 'valid email address' format", code: 'invalid_value' }]);
  const known =
    state.contacts.find((contact) => external && contact.unique_external_id === external) ??
    state.contacts.find((contact) => email && same(contact.email, email)) ??
    state.contacts.find((contact) => phone && (contact.phone === phone || contact.mobile === phone));
  if (known) return known;
  if (!name && !email) throw invalid([{ field: 'name', message: 'It should not be blank as this is a mandatory field', code: 'missing_field' }]);
  return state.addContact({ name: name ?? email?.split('@')[0] ?? '', email, phone, unique_external_id: external });
}

const contactAttributes = ['name', 'email', 'phone', 'mobile', 'unique_external_id', 'company_id'] as const;

function createContact(state: State, given: Record<string, unknown>): Contact {
  const errors: FieldError[] = Object.keys(given)
    .filter((name) => !(contactAttributes as readonly string[]).includes(name))
    .map((field) => ({ field, message: 'Unexpected/invalid field in request', code: 'invalid_field' }));
  if (typeof given.name !== 'string' || given.name === '')
    errors.push({ field: 'name', message: 'It should not be blank as this is a mandatory field', code: 'missing_field' });
  if (!['email', 'phone', 'mobile', 'unique_external_id'].some((name) => given[name]))
    errors.push({ field: 'email', message: 'Please fill at least 1 of email, mobile, phone, twitter_id, unique_external_id fields.', code: 'missing_field' });
  if (errors.length) throw invalid(errors);
  const taken = state.contacts.find(
    (one) => (given.email && same(one.email, String(given.email))) || (given.unique_external_id && one.unique_external_id === given.unique_external_id),
  );
  if (taken) {
    const field = given.email && same(taken.email, String(given.email)) ? 'email' : 'unique_external_id';
    throw invalid([{ field, message: 'It should be a unique value', code: 'duplicate_value', additional_info: { user_id: taken.id } }], 409);
  }
  return state.addContact(given as { name: string });
}

const wordStarts = (name: string, term: string): boolean =>
  name
    .toLowerCase()
    .split(/\s+/)
    .some((_, index, words) => words.slice(index).join(' ').startsWith(term.toLowerCase()));

export function people(state: State, keyIsAdmin: () => boolean): Router {
  const router = Router();
  router.get('/agents/me', (_request, response) => {
    const [agent] = state.agents;
    response.json({
      id: agent?.id,
      ticket_scope: 1,
      type: 'support_agent',
      available: true,
      occasional: false,
      contact: { ...agent, active: true, time_zone: 'Brasilia' },
    });
  });
  router.get('/agents', (request, response) => {
    if (!keyIsAdmin()) throw new Refusal(403, { code: 'access_denied', message: 'You are not authorized to perform this action.' });
    const query = readQuery(request, ['email', 'page', 'per_page']);
    const rows = state.agents.filter(({ email }) => query.email === undefined || same(email, query.email));
    response.json(page(request, response, rows, query).map(({ id, ...contact }) => ({ id, occasional: false, contact: { ...contact, active: true } })));
  });
  router.get('/contacts/autocomplete', (request, response) => {
    const { term = '' } = readQuery(request, ['term']);
    response.json(state.contacts.filter(({ name }) => wordStarts(name, term)).map(({ id, name }) => ({ id, name })));
  });
  router.get('/contacts', (request, response) => {
    const query = readQuery(request, ['email', 'phone', 'mobile', 'company_id', 'updated_since', 'page', 'per_page']);
    const rows = state.contacts.filter(
      (one) =>
        (query.email === undefined || same(one.email, query.email)) &&
        (query.phone === undefined || one.phone === query.phone) &&
        (query.mobile === undefined || one.mobile === query.mobile) &&
        (query.company_id === undefined || one.company_id === Number(query.company_id)) &&
        (query.updated_since === undefined || one.updated_at >= Date.parse(query.updated_since)),
    );
    response.json(page(request, response, rows, query).map(show.contact));
  });
  router.post('/contacts', async (request, response) => {
    const contact = createContact(state, (await readBody(request)).attributes);
    response.status(201).location(`/api/v2/contacts/${contact.id}`).json(show.contact(contact));
  });
  router.get('/contacts/:id', (request, response) => {
    const contact = state.contacts.find(({ id }) => id === Number(request.params.id));
    if (!contact) throw gone();
    response.json(show.contact(contact));
  });
  router.get('/companies/autocomplete', (request, response) => {
    const { name = '' } = readQuery(request, ['name']);
    response.json({ companies: state.companies.filter((one) => wordStarts(one.name, name)).map((one) => ({ id: one.id, name: one.name })) });
  });
  router.get('/companies', (request, response) => {
    const query = readQuery(request, ['page', 'per_page']);
    response.json(page(request, response, state.companies, query).map(show.company));
  });
  router.get('/companies/:id', (request, response) => {
    const company = state.companies.find(({ id }) => id === Number(request.params.id));
    if (!company) throw gone();
    response.json(show.company(company));
  });
  return router;
}
