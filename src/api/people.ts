/** People inside and outside: who I am, agents and invitations, contacts and companies. */
import { z } from 'zod';
import { changeAgent, listAgents, setLocale } from '../people/agents.ts';
import { knowCompany, searchCompanies } from '../people/companies.ts';
import { addContact, contactsOf, searchContacts } from '../people/contacts.ts';
import { audit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import { actorOf } from './actor.ts';
import type { Auth } from './auth.ts';
import { agentBrief, me } from './contract.ts';
import { HttpProblem, notFound } from './problem.ts';
import { route } from './route.ts';

export const locales = ['en', 'pt-BR', 'de', 'it', 'es'] as const;
const name = z.string().trim().min(1).max(120);
const invitation = z.strictObject({ name: name.or(z.literal('')), email: z.email().or(z.literal('')), role: z.enum(['agent', 'admin']) });
const company = z.object({ id: z.string(), name: z.string(), brand: z.string().nullable() });
/** Written as the kit writes identities, so that helpdesks are asked for what they know. */
const identity = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('email'), value: z.string().trim().toLowerCase().pipe(z.email().max(320)) }),
  z.strictObject({
    kind: z.literal('phone'),
    value: z
      .string()
      .transform((value) => value.replace(/[\s().-]/g, ''))
      .pipe(z.string().regex(/^\+\d{7,15}$/, 'must begin with + and the country: +55 11 91234-5678')),
  }),
]);

export interface PeopleParts {
  readonly store: Store;
  readonly auth: Auth;
  readonly holdSeconds: number;
  now(): number;
  id(): string;
}

export function peopleRoutes(parts: PeopleParts) {
  return [...ownRoutes(parts), ...agentRoutes(parts), ...contactRoutes(parts)];
}

const ownRoutes = ({ store, auth, holdSeconds }: PeopleParts) => [
  route({
    method: 'get',
    path: '/api/setup/{token}',
    summary: 'What a one-time link is for',
    role: 'anyone',
    params: z.object({ token: z.string() }),
    answer: invitation,
    handle: ({ params }) => auth.invitation(params.token),
  }),
  route({
    method: 'post',
    path: '/api/setup/{token}',
    summary: 'Makes the agent that the link invites; works once',
    role: 'anyone',
    params: z.object({ token: z.string() }),
    body: z.strictObject({ name, email: z.email(), password: z.string().min(10).max(128), locale: z.enum(locales) }),
    answer: null,
    handle: ({ params, body }) => auth.accept(params.token, body),
  }),
  route({
    method: 'get',
    path: '/api/me',
    summary: 'Who is signed in',
    role: 'agent',
    answer: me,
    handle: async ({ viewer }) => ({ id: viewer.id, name: viewer.name, email: viewer.email ?? '', role: viewer.role, locale: viewer.locale, holdSeconds }),
  }),
  route({
    method: 'put',
    path: '/api/me',
    summary: 'Sets the language',
    role: 'agent',
    body: z.strictObject({ locale: z.enum(locales) }),
    answer: null,
    handle: ({ viewer, body }) => store.write((tx) => setLocale(tx, viewer.id, body.locale)),
  }),
];

const agentRoutes = ({ store, auth, now }: PeopleParts) => [
  route({
    method: 'get',
    path: '/api/agents',
    summary: 'Agents, to assign to',
    role: 'agent',
    answer: z.object({ items: z.array(agentBrief.extend({ role: z.enum(['agent', 'admin']), teams: z.array(z.string()), disabled: z.boolean() })) }),
    handle: async () => ({ items: (await listAgents(store.read)).map(({ locale: _own, ...agent }) => agent) }),
  }),
  route({
    method: 'post',
    path: '/api/agents',
    summary: 'Invites an agent; the link is shown once',
    role: 'admin',
    body: invitation,
    answer: z.object({ link: z.url() }),
    status: 201,
    handle: async ({ body, viewer }) => ({ link: await auth.invite(body, actorOf(viewer)) }),
  }),
  route({
    method: 'put',
    path: '/api/agents/{id}',
    summary: 'Sets teams and role, or disables an agent',
    role: 'admin',
    params: z.object({ id: z.string() }),
    body: z.strictObject({
      teams: z.array(z.string().min(1).max(80)).max(20).optional(),
      role: z.enum(['agent', 'admin']).optional(),
      disabled: z.boolean().optional(),
    }),
    answer: null,
    async handle({ params, body, viewer }) {
      if (params.id === viewer.id && (body.disabled || body.role === 'agent'))
        throw new HttpProblem(409, 'not-yourself', 'You cannot take your own rights away.');
      const changed = await store.write(async (tx) => {
        const result = await changeAgent(tx, params.id, body, now());
        if (result !== 'ok') return result;
        await audit(tx, {
          at: now(),
          actor: actorOf(viewer),
          action: 'agent.change',
          subject: { kind: 'agent', id: params.id },
          detail: { role: body.role ?? null, disabled: body.disabled ?? null },
        });
        return result;
      });
      if (changed === 'unknown') throw notFound('agent');
      if (changed === 'last-admin') throw new HttpProblem(409, 'last-admin', 'This is the last administrator; make another one first.');
    },
  }),
];

const contactRoutes = ({ store, now, id }: PeopleParts) => [
  route({
    method: 'get',
    path: '/api/companies',
    summary: 'Companies by words of their name',
    role: 'agent',
    query: z.object({ words: z.string().max(200).default('') }),
    answer: z.object({ items: z.array(company) }),
    handle: async ({ query }) => ({ items: await searchCompanies(store.read, query.words) }),
  }),
  route({
    method: 'post',
    path: '/api/companies',
    summary: 'Makes a company known, or returns the one of that name',
    role: 'agent',
    body: z.strictObject({ name, brand: z.string().max(120).nullable().default(null) }),
    answer: company,
    handle: ({ body }) => store.write((tx) => knowCompany(tx, { id: id(), ...body }, now())),
  }),
  route({
    method: 'get',
    path: '/api/contacts',
    summary: 'Contacts by words of their name, or of a company',
    role: 'agent',
    query: z.object({ words: z.string().max(200).default(''), company: z.string().optional() }),
    answer: z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) }),
    handle: async ({ query }) => ({
      items:
        query.company !== undefined && query.words.trim() === ''
          ? await contactsOf(store.read, query.company)
          : await searchContacts(store.read, query.words, { company: query.company }),
    }),
  }),
  route({
    method: 'post',
    path: '/api/contacts',
    summary: 'Makes a contact known, so that a closing can name another requester; nobody vouches for the identities',
    role: 'agent',
    body: z.strictObject({ name, identities: z.array(identity).max(5).default([]), company: z.string().nullable().default(null) }),
    answer: z.object({ id: z.string(), name: z.string() }),
    status: 201,
    async handle({ body, viewer }) {
      const contact = { id: id(), name: body.name };
      const identities = body.identities.map((one) => ({ id: id(), ...one }));
      const added = await store.write(async (tx) => {
        if (!(await addContact(tx, { ...contact, identities, company: body.company }, now()))) return false;
        await audit(tx, { at: now(), actor: actorOf(viewer), action: 'contact.create', subject: { kind: 'contact', id: contact.id } });
        return true;
      });
      if (!added) throw notFound('company');
      return contact;
    },
  }),
];
