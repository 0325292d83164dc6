/** Companies: found by their folded name, and linked to the contacts who write for them. */
import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../store/schema.ts';
import type { Desk } from './recognise.ts';

/** Case, accents and doubled spaces carry no meaning in a company's name. */
export const foldName = (name: string): string => name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();

/** True for a company that the contact did not write for before. */
export async function linkCompany(desk: Desk, contact: string, name: string): Promise<boolean> {
  const folded = foldName(name);
  if (folded === '') return false;
  const company = await findOrCreate(desk, name.trim(), folded);
  const known = await desk.db.all('SELECT 1 AS known FROM contact_companies WHERE contact_id = ? AND company_id = ?', contact, company);
  await desk.db.run(
    `INSERT INTO contact_companies (contact_id, company_id, seen_at) VALUES (?, ?, ?)
     ON CONFLICT (contact_id, company_id) DO UPDATE SET seen_at = excluded.seen_at`,
    contact,
    company,
    desk.now,
  );
  return known.length === 0;
}

async function findOrCreate(desk: Desk, name: string, folded: string): Promise<string> {
  const find = async () => (await desk.db.all<{ id: string }>('SELECT id FROM companies WHERE folded = ?', folded))[0]?.id;
  const known = await find();
  if (known) return known;
  const id = desk.id();
  const made = await desk.db.run(
    `INSERT INTO companies (id, name, folded, brand, fields, created_at) VALUES (?, ?, ?, NULL, '{}', ?) ON CONFLICT (folded) DO NOTHING`,
    id,
    name,
    folded,
    desk.now,
  );
  return made === 1 ? id : ((await find()) ?? id);
}

/** The contact's company, if there is exactly one. */
export async function onlyCompany(desk: Desk, contact: string): Promise<string | null> {
  const rows = await desk.db.all<{ company_id: string }>('SELECT company_id FROM contact_companies WHERE contact_id = ? LIMIT 2', contact);
  return rows.length === 1 ? (rows[0]?.company_id ?? null) : null;
}

export interface CompanyBrief {
  readonly id: string;
  readonly name: string;
  readonly brand: string | null;
}

/** Companies whose name holds the words; those that begin with them first. */
export async function searchCompanies(read: Kysely<Database>, words: string, limit = 20): Promise<readonly CompanyBrief[]> {
  const folded = foldName(words);
  const found = await read
    .selectFrom('companies')
    .select(['id', 'name', 'brand', 'folded'])
    .where('folded', 'like', `%${folded.replace(/[\\%_]/g, '')}%`)
    .orderBy('folded')
    .limit(200)
    .execute();
  const rank = (name: string): number => (name.startsWith(folded) ? 0 : 1);
  return found
    .sort((a, b) => rank(a.folded) - rank(b.folded))
    .slice(0, limit)
    .map(({ id, name, brand }) => ({ id, name, brand }));
}

/** Makes a company known, or returns the one of that name; a brand that is given replaces the one it had. */
export async function knowCompany(tx: Transaction<Database>, company: { id: string; name: string; brand: string | null }, now: number): Promise<CompanyBrief> {
  const folded = foldName(company.name);
  await tx
    .insertInto('companies')
    .values({ ...company, folded, fields: '{}', created_at: now })
    .onConflict((conflict) => conflict.column('folded').doNothing())
    .execute();
  if (company.brand !== null) await tx.updateTable('companies').set({ brand: company.brand }).where('folded', '=', folded).execute();
  return tx.selectFrom('companies').select(['id', 'name', 'brand']).where('folded', '=', folded).executeTakeFirstOrThrow();
}
