/** Contacts as agents see them. */
import type { Kysely, Transaction } from 'kysely';
import type { Database, IdentitiesTable } from '../store/schema.ts';
import type { CompanyBrief } from './companies.ts';
import { isThreadScope } from './recognise.ts';

export interface ContactDetail {
  readonly id: string;
  readonly name: string;
  /** Those they wrote from last first; claimed ones (`verified: false`) only suggest. */
  readonly identities: readonly { readonly kind: IdentitiesTable['kind']; readonly value: string; readonly scope: string; readonly verified: boolean }[];
  /** Those they wrote for last first. */
  readonly companies: readonly CompanyBrief[];
}

/** A contact that was joined into another leads to that one. */
export async function readContact(read: Kysely<Database>, id: string): Promise<ContactDetail | undefined> {
  const found = await read.selectFrom('contacts').select(['id', 'name', 'joined_id']).where('id', '=', id).executeTakeFirst();
  if (!found) return undefined;
  const { joined_id, ...contact } = found;
  if (joined_id !== null) return readContact(read, joined_id);
  const identities = await read
    .selectFrom('identities')
    .select(['kind', 'value', 'scope', 'verified'])
    .where('contact_id', '=', id)
    .orderBy('seen_at', 'desc')
    .orderBy('id')
    .execute();
  return {
    ...contact,
    identities: identities.filter(({ scope }) => !isThreadScope(scope)).map((identity) => ({ ...identity, verified: identity.verified === 1 })),
    companies: await companiesOf(read, id),
  };
}

export async function companiesOf(read: Kysely<Database>, contact: string): Promise<readonly CompanyBrief[]> {
  return read
    .selectFrom('contact_companies')
    .innerJoin('companies', 'companies.id', 'contact_companies.company_id')
    .select(['companies.id', 'companies.name', 'companies.brand'])
    .where('contact_id', '=', contact)
    .orderBy('seen_at', 'desc')
    .orderBy('companies.id')
    .execute();
}

/** People who write for a company, the last to write first. */
export async function contactsOf(read: Kysely<Database>, company: string, limit = 50): Promise<readonly { id: string; name: string }[]> {
  return read
    .selectFrom('contact_companies')
    .innerJoin('contacts', 'contacts.id', 'contact_companies.contact_id')
    .select(['contacts.id', 'contacts.name'])
    .where('company_id', '=', company)
    .where('erased_at', 'is', null)
    .orderBy('seen_at', 'desc')
    .limit(limit)
    .execute();
}

/** Contacts whose name, or a verified address of theirs, holds the words; of one company where it is named. */
export async function searchContacts(
  read: Kysely<Database>,
  words: string,
  { company, limit = 20 }: { company?: string | undefined; limit?: number } = {},
): Promise<readonly { id: string; name: string }[]> {
  const like = `%${words
    .trim()
    .toLowerCase()
    .replace(/[\\%_]/g, '')}%`;
  let rows = read
    .selectFrom('contacts')
    .select(['contacts.id', 'contacts.name'])
    .where('erased_at', 'is', null)
    .where('joined_id', 'is', null)
    .where((eb) =>
      eb.or([
        eb(eb.fn<string>('lower', ['contacts.name']), 'like', like),
        eb.exists(
          eb
            .selectFrom('identities')
            .select('identities.id')
            .whereRef('identities.contact_id', '=', 'contacts.id')
            .where('identities.verified', '=', 1)
            .where('identities.kind', 'in', ['email', 'phone'])
            .where('identities.value', 'like', like),
        ),
      ]),
    );
  if (company !== undefined)
    rows = rows.where((eb) =>
      eb.exists(
        eb
          .selectFrom('contact_companies')
          .select('contact_companies.contact_id')
          .whereRef('contact_companies.contact_id', '=', 'contacts.id')
          .where('contact_companies.company_id', '=', company),
      ),
    );
  return rows.orderBy('contacts.name').orderBy('contacts.id').limit(limit).execute();
}

export interface NewContact {
  readonly id: string;
  readonly name: string;
  /** As an agent typed them: they suggest, and vouch for nobody. */
  readonly identities: readonly { readonly id: string; readonly kind: 'email' | 'phone'; readonly value: string }[];
  readonly company: string | null;
}

/** Makes a contact known by hand. False where the company does not exist. */
export async function addContact(tx: Transaction<Database>, contact: NewContact, now: number): Promise<boolean> {
  const { id, name, company } = contact;
  if (company !== null && !(await tx.selectFrom('companies').select('id').where('id', '=', company).executeTakeFirst())) return false;
  await tx.insertInto('contacts').values({ id, name, created_at: now, erased_at: null }).execute();
  for (const identity of contact.identities)
    await tx
      .insertInto('identities')
      .values({ ...identity, contact_id: id, scope: '', verified: 0, seen_at: now })
      .execute();
  if (company !== null) await tx.insertInto('contact_companies').values({ contact_id: id, company_id: company, seen_at: now }).execute();
  return true;
}
