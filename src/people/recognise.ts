/**
 * Who wrote? Verified identities lead to a contact; claimed ones never do: whoever has nothing else gets a contact of their own in that thread, and the
 * claimed identities stand beside it as hints for the agent.
 */
import type { Identity, Party } from '../kit/index.ts';
import type { Statements } from '../store/statements.ts';
import { linkCompany } from './companies.ts';

/** What one write needs: its transaction, its clock and its ids. */
export interface Desk {
  readonly db: Statements;
  readonly now: number;
  readonly id: () => string;
  readonly known: KnownPeople;
  /** Counts what a customer wrote, where the write is one of the intake. */
  heard?(channel: string, at: number): void;
}

/** Answers that were committed a while ago, so that a known sender costs no query. */
export interface KnownPeople {
  get(signature: string): Recognised | undefined;
  set(signature: string, person: Recognised): void;
  /** Contacts were joined: nothing that was known before holds. */
  forget(): void;
}

export interface Recognised {
  readonly contact: string;
  readonly at: number;
}

/** A known sender's `seen_at` and name are looked at again after this long. */
const freshMs = 3_600_000;

/** Scope of the identity that a party without verified ones has: itself, in this thread. Not an address of anything outside. */
export const threadScope = (channel: string, thread: string): string => `thread:${channel}:${thread}`;
/** As a pattern of SQL. */
export const threadScopes = 'thread:%';
export const isThreadScope = (scope: string): boolean => scope.startsWith('thread:');

export async function recognise(desk: Desk, channel: string, thread: string, party: Party): Promise<string> {
  const vouched = verifiedOf(channel, thread, party);
  const signature = signatureOf(vouched, party);
  const known = desk.known.get(signature);
  if (known && desk.now - known.at < freshMs) return standing(desk, known.contact);
  const contact = (await findContact(desk, vouched)) ?? (await createContact(desk, vouched, party));
  await learn(desk, contact, vouched, party);
  desk.known.set(signature, { contact, at: desk.now });
  return contact;
}

/**
 * A message that is known came again: what it says of its author now is added to the contact that it has. Another contact comes back where a verified
 * identity of the author, which we did not know at first, is that one's.
 */
export async function recogniseAgain(
  desk: Desk,
  channel: string,
  thread: string,
  party: Party,
  current: string | null,
): Promise<{ readonly contact: string; readonly news: boolean }> {
  const vouched = verifiedOf(channel, thread, party);
  const signature = signatureOf(vouched, party);
  const known = desk.known.get(signature);
  if (known && known.contact === current) return { contact: current, news: false };
  const contact = (await findContact(desk, vouched)) ?? current ?? (await createContact(desk, vouched, party));
  const news = await learn(desk, contact, vouched, party);
  return { contact, news: news || contact !== current };
}

const signatureOf = (vouched: readonly Required<Identity>[], party: Party): string => JSON.stringify([vouched, party.name, party.company, party.identities]);

/** Another host may have joined two contacts since; on one machine that forgets the people who were known. */
async function standing(desk: Desk, contact: string): Promise<string> {
  if (desk.db.engine === 'sqlite') return contact;
  const [row] = await desk.db.all<{ joined_id: string | null }>('SELECT joined_id FROM contacts WHERE id = ?', contact);
  return row?.joined_id ?? contact;
}

/** True where something of it was new. */
async function learn(desk: Desk, contact: string, vouched: readonly Required<Identity>[], party: Party): Promise<boolean> {
  let news = false;
  for (const identity of vouched) if (await link(desk, contact, identity)) news = true;
  for (const identity of party.identities) if (!identity.verified && (await noteClaim(desk, contact, identity))) news = true;
  if (await improveName(desk, contact, party)) news = true;
  if (party.company && (await linkCompany(desk, contact, party.company))) news = true;
  return news;
}

/** The identities that decide, each in its scope. */
function verifiedOf(channel: string, thread: string, party: Party): readonly Required<Identity>[] {
  const verified = party.identities.filter((identity) => identity.verified);
  if (verified.length === 0) return [{ kind: 'account', value: party.id, scope: threadScope(channel, thread), verified: true }];
  return verified.map((identity) => scoped(channel, identity));
}

/** An account is unique in its place only; a phone number and an address are everywhere. */
export const scoped = (channel: string, identity: Identity): Required<Identity> => ({
  ...identity,
  scope: identity.kind === 'account' ? (identity.scope ?? channel) : '',
});

export async function findContact(desk: Desk, identities: readonly Required<Identity>[]): Promise<string | undefined> {
  for (const { kind, value, scope } of identities) {
    const [row] = await desk.db.all<{ contact_id: string }>(
      'SELECT contact_id FROM identities WHERE kind = ? AND value = ? AND scope = ? AND verified = 1',
      kind,
      value,
      scope,
    );
    if (row) return row.contact_id;
  }
  return undefined;
}

/** The first identity decides a race between two hosts: whoever inserts it has the contact. */
async function createContact(desk: Desk, identities: readonly Required<Identity>[], party: Party): Promise<string> {
  const contact = desk.id();
  await desk.db.run('INSERT INTO contacts (id, name, created_at, erased_at) VALUES (?, ?, ?, NULL)', contact, bestName(party), desk.now);
  const [first] = identities;
  if (!first || (await insert(desk, contact, first)) === 1) return contact;
  await desk.db.run('DELETE FROM contacts WHERE id = ?', contact);
  const other = await findContact(desk, [first]);
  if (!other) throw new Error('an identity is taken and nobody has it');
  return other;
}

/** An identity that belongs to somebody else stays theirs: joining two people is a person's decision, or the vendor's word. True for a new one. */
export async function link(desk: Desk, contact: string, identity: Required<Identity>): Promise<boolean> {
  if ((await insert(desk, contact, identity)) === 1) return true;
  await desk.db.run(
    'UPDATE identities SET seen_at = ? WHERE kind = ? AND value = ? AND scope = ? AND verified = 1 AND seen_at < ?',
    desk.now,
    identity.kind,
    identity.value,
    identity.scope,
    desk.now,
  );
  return false;
}

const insert = async (desk: Desk, contact: string, identity: Required<Identity>): Promise<number> =>
  desk.db.run(
    `INSERT INTO identities (id, contact_id, kind, value, scope, verified, seen_at) VALUES (?, ?, ?, ?, ?, 1, ?)
     ON CONFLICT (kind, value, scope) WHERE verified = 1 DO NOTHING`,
    desk.id(),
    contact,
    identity.kind,
    identity.value,
    identity.scope,
    desk.now,
  );

async function noteClaim(desk: Desk, contact: string, { kind, value, scope = '' }: Identity): Promise<boolean> {
  const [row] = await desk.db.all<{ id: string }>('SELECT id FROM identities WHERE contact_id = ? AND kind = ? AND value = ?', contact, kind, value);
  if (row) return false;
  await desk.db.run(
    'INSERT INTO identities (id, contact_id, kind, value, scope, verified, seen_at) VALUES (?, ?, ?, ?, ?, 0, ?)',
    desk.id(),
    contact,
    kind,
    value,
    scope,
    desk.now,
  );
  return true;
}

const bestName = (party: Party): string => party.name || (party.identities.find(({ kind }) => kind !== 'account')?.value ?? '');

/** A real name takes the place of an address that stood in for it; it never replaces another name. */
async function improveName(desk: Desk, contact: string, party: Party): Promise<boolean> {
  if (!party.name) return false;
  const standIns = ['', ...party.identities.map(({ value }) => value)];
  const changed = await desk.db.run(
    `UPDATE contacts SET name = ? WHERE id = ? AND name <> ? AND name IN (${standIns.map(() => '?').join(', ')})`,
    party.name,
    contact,
    party.name,
    ...standIns,
  );
  return changed > 0;
}
