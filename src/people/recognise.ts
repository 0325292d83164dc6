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
}

/** Answers that were committed a while ago, so that a known sender costs no query. */
export interface KnownPeople {
  get(signature: string): Recognised | undefined;
  set(signature: string, person: Recognised): void;
}

export interface Recognised {
  readonly contact: string;
  readonly at: number;
}

/** A known sender's `seen_at` and name are looked at again after this long. */
const freshMs = 3_600_000;

/** Scope of the identity that a party without verified ones has: itself, in this thread. Not an address of anything outside. */
export const threadScope = (channel: string, thread: string): string => `thread:${channel}:${thread}`;
export const isThreadScope = (scope: string): boolean => scope.startsWith('thread:');

export async function recognise(desk: Desk, channel: string, thread: string, party: Party): Promise<string> {
  const vouched = verifiedOf(channel, thread, party);
  const signature = JSON.stringify([vouched, party.name, party.company, party.identities]);
  const known = desk.known.get(signature);
  if (known && desk.now - known.at < freshMs) return known.contact;
  const contact = (await findContact(desk, vouched)) ?? (await createContact(desk, vouched, party));
  for (const identity of vouched) await link(desk, contact, identity);
  for (const identity of party.identities) if (!identity.verified) await noteClaim(desk, contact, identity);
  await improveName(desk, contact, party);
  if (party.company) await linkCompany(desk, contact, party.company);
  desk.known.set(signature, { contact, at: desk.now });
  return contact;
}

/** The identities that decide, each in its scope. */
function verifiedOf(channel: string, thread: string, party: Party): readonly Required<Identity>[] {
  const verified = party.identities.filter((identity) => identity.verified);
  if (verified.length === 0) return [{ kind: 'account', value: party.id, scope: threadScope(channel, thread), verified: true }];
  return verified.map((identity) => ({ ...identity, scope: identity.kind === 'account' ? (identity.scope ?? channel) : '' }));
}

async function findContact(desk: Desk, identities: readonly Required<Identity>[]): Promise<string | undefined> {
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

/** An identity that belongs to somebody else stays theirs: joining two people is a person's decision. */
async function link(desk: Desk, contact: string, identity: Required<Identity>): Promise<void> {
  if ((await insert(desk, contact, identity)) === 1) return;
  await desk.db.run(
    'UPDATE identities SET seen_at = ? WHERE kind = ? AND value = ? AND scope = ? AND verified = 1 AND seen_at < ?',
    desk.now,
    identity.kind,
    identity.value,
    identity.scope,
    desk.now,
  );
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

async function noteClaim(desk: Desk, contact: string, { kind, value, scope = '' }: Identity): Promise<void> {
  const [row] = await desk.db.all<{ id: string }>('SELECT id FROM identities WHERE contact_id = ? AND kind = ? AND value = ?', contact, kind, value);
  if (row) return;
  await desk.db.run(
    'INSERT INTO identities (id, contact_id, kind, value, scope, verified, seen_at) VALUES (?, ?, ?, ?, ?, 0, ?)',
    desk.id(),
    contact,
    kind,
    value,
    scope,
    desk.now,
  );
}

const bestName = (party: Party): string => party.name || (party.identities.find(({ kind }) => kind !== 'account')?.value ?? '');

/** A real name takes the place of an address that stood in for it; it never replaces another name. */
async function improveName(desk: Desk, contact: string, party: Party): Promise<void> {
  if (!party.name) return;
  const standIns = ['', ...party.identities.map(({ value }) => value)];
  await desk.db.run(`UPDATE contacts SET name = ? WHERE id = ? AND name IN (${standIns.map(() => '?').join(', ')})`, party.name, contact, ...standIns);
}
