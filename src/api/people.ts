/** People inside and outside: who I am, agents and invitations, contacts and companies. */
import { z } from 'zod';
import { audit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import type { Auth } from './auth.ts';
import { agentBrief, me } from './contract.ts';
import { HttpProblem } from './problem.ts';
import { route } from './route.ts';

export const locales = ['en', 'pt-BR', 'de', 'it', 'es'] as const;
const name = z.string().trim().min(1).max(120);
const invitation = z.strictObject({ name: name.or(z.literal('')), email: z.email().or(z.literal('')), role: z.enum(['agent', 'admin']) });
const like = (words: string): string => `%${words.replaceAll(/[\\%_]/g, '')}%`;
const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();

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
    handle: ({ viewer, body }) =>
      store.write(async (tx) => void (await tx.updateTable('agents').set({ locale: body.locale }).where('id', '=', viewer.id).execute())),
  }),
];

const agentRoutes = ({ store, auth, now }: PeopleParts) => [
  route({
    method: 'get',
    path: '/api/agents',
    summary: 'Agents, to assign to',
    role: 'agent',
    answer: z.object({ items: z.array(agentBrief.extend({ role: z.enum(['agent', 'admin']), teams: z.array(z.string()), disabled: z.boolean() })) }),
    async handle() {
      const rows = await store.read.selectFrom('agents').selectAll().orderBy('name').execute();
      return {
        items: rows.map((row) => ({
          id: row.id,
          name: row.name,
          email: row.email,
          role: row.role,
          teams: JSON.parse(row.teams),
          disabled: row.disabled_at !== null,
        })),
      };
    },
  }),
  route({
    method: 'post',
    path: '/api/agents',
    summary: 'Invites an agent; the link is shown once',
    role: 'admin',
    body: invitation,
    answer: z.object({ link: z.url() }),
    status: 201,
    handle: async ({ body, viewer }) => ({ link: await auth.invite(body, viewer.id) }),
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
      await store.write(async (tx) => {
        await tx
          .updateTable('agents')
          .set({
            ...(body.teams ? { teams: JSON.stringify(body.teams) } : {}),
            ...(body.role ? { role: body.role } : {}),
            ...(body.disabled === undefined ? {} : { disabled_at: body.disabled ? now() : null }),
          })
          .where('id', '=', params.id)
          .execute();
        if (body.disabled) await tx.deleteFrom('session').where('userId', '=', params.id).execute();
        await audit(tx, {
          at: now(),
          actor: { kind: 'agent', id: viewer.id },
          action: 'agent.change',
          subject: { kind: 'agent', id: params.id },
          detail: { role: body.role ?? null, disabled: body.disabled ?? null },
        });
      });
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
    answer: z.object({ items: z.array(z.object({ id: z.string(), name: z.string(), brand: z.string().nullable() })) }),
    async handle({ query }) {
      const rows = await store.read
        .selectFrom('companies')
        .select(['id', 'name', 'brand'])
        .where('folded', 'like', like(fold(query.words)))
        .orderBy('folded')
        .limit(20)
        .execute();
      return { items: rows };
    },
  }),
  route({
    method: 'post',
    path: '/api/companies',
    summary: 'Makes a company known, or returns the one of that name',
    role: 'agent',
    body: z.strictObject({ name, brand: z.string().max(120).nullable().default(null) }),
    answer: z.object({ id: z.string(), name: z.string(), brand: z.string().nullable() }),
    handle: ({ body }) =>
      store.write(async (tx) => {
        const known = await tx.selectFrom('companies').select(['id', 'name', 'brand']).where('folded', '=', fold(body.name)).executeTakeFirst();
        if (known && (body.brand === null || known.brand === body.brand)) return known;
        if (known) {
          await tx.updateTable('companies').set({ brand: body.brand }).where('id', '=', known.id).execute();
          return { ...known, brand: body.brand };
        }
        const company = { id: id(), name: body.name, brand: body.brand };
        await tx
          .insertInto('companies')
          .values({ ...company, folded: fold(body.name), fields: '{}', created_at: now() })
          .execute();
        return company;
      }),
  }),
  route({
    method: 'get',
    path: '/api/contacts',
    summary: 'Contacts by words of their name, or of a company',
    role: 'agent',
    query: z.object({ words: z.string().max(200).default(''), company: z.string().optional() }),
    answer: z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) }),
    async handle({ query }) {
      let rows = store.read.selectFrom('contacts').select(['contacts.id', 'contacts.name']).where('contacts.erased_at', 'is', null);
      if (query.words) rows = rows.where('contacts.name', 'like', like(query.words));
      const { company } = query;
      if (company)
        rows = rows.innerJoin('contact_companies', 'contact_companies.contact_id', 'contacts.id').where('contact_companies.company_id', '=', company);
      return { items: await rows.orderBy('contacts.name').limit(20).execute() };
    },
  }),
  route({
    method: 'post',
    path: '/api/contacts',
    summary: 'Makes a contact known, so that a closing can name another requester; nobody vouches for the identities',
    role: 'agent',
    body: z.strictObject({
      name,
      identities: z
        .array(z.strictObject({ kind: z.enum(['email', 'phone']), value: z.string().min(3).max(320) }))
        .max(5)
        .default([]),
      company: z.string().nullable().default(null),
    }),
    answer: z.object({ id: z.string(), name: z.string() }),
    status: 201,
    handle: ({ body, viewer }) =>
      store.write(async (tx) => {
        const contact = { id: id(), name: body.name };
        await tx
          .insertInto('contacts')
          .values({ ...contact, created_at: now(), erased_at: null })
          .execute();
        for (const identity of body.identities)
          await tx
            .insertInto('identities')
            .values({ id: id(), contact_id: contact.id, ...identity, scope: '', verified: 0, seen_at: now() })
            .execute();
        if (body.company) await tx.insertInto('contact_companies').values({ contact_id: contact.id, company_id: body.company, seen_at: now() }).execute();
        await audit(tx, {
          at: now(),
          actor: { kind: viewer.by === 'token' ? 'token' : 'agent', id: viewer.id },
          action: 'contact.create',
          subject: { kind: 'contact', id: contact.id },
        });
        return contact;
      }),
  }),
];
