/** The vendor says that one person now has another id or number. Only what is vouched for on both sides may join two contacts. */
import type { Identity } from '../kit/index.ts';
import { type Desk, findContact, link, scoped } from './recognise.ts';

/**
 * `unknown`: nobody has the old identity. `added`: its contact has the new one too. `joined`: the new one was another contact's, and both are one now.
 * The old identity stays: messages that were sent to it may still be on their way.
 */
export async function changeIdentity(desk: Desk, channel: string, was: Identity, now: Identity): Promise<'unknown' | 'known' | 'added' | 'joined'> {
  // What somebody only claims names nobody, and so it can neither move nor join anybody.
  if (!was.verified || !now.verified) return 'unknown';
  const [before, after] = [scoped(channel, was), scoped(channel, now)];
  const contact = await findContact(desk, [before]);
  if (!contact) return 'unknown';
  if (await link(desk, contact, after)) return 'added';
  const other = await findContact(desk, [after]);
  if (!other || other === contact) return 'known';
  await join(desk, channel, contact, other);
  return 'joined';
}

/** Everything of `from` becomes `into`'s. The row of `from` stays and leads there, so that no id that stands in a plan or a link leads nowhere. */
async function join(desk: Desk, channel: string, into: string, from: string): Promise<void> {
  const { db } = desk;
  const moved = await db.all<{ id: string }>('SELECT id FROM conversations WHERE contact_id = ?', from);
  await db.run('UPDATE conversations SET contact_id = ?, version = version + 1 WHERE contact_id = ?', into, from);
  // What they wrote in other people's conversations keeps the old id, which leads to the same contact.
  for (const { id } of moved) await db.run('UPDATE messages SET contact_id = ? WHERE conversation_id = ? AND contact_id = ?', into, id, from);
  await db.run('UPDATE tickets SET contact_id = ? WHERE contact_id = ?', into, from);
  await db.run('UPDATE identities SET contact_id = ? WHERE contact_id = ?', into, from);
  await db.run(
    `INSERT INTO contact_companies (contact_id, company_id, seen_at) SELECT ?, company_id, seen_at FROM contact_companies WHERE contact_id = ?
     ON CONFLICT (contact_id, company_id) DO UPDATE SET seen_at = CASE WHEN excluded.seen_at > contact_companies.seen_at THEN excluded.seen_at ELSE contact_companies.seen_at END`,
    into,
    from,
  );
  await db.run('DELETE FROM contact_companies WHERE contact_id = ?', from);
  await takeName(desk, into, from);
  await db.run('UPDATE contacts SET joined_id = ? WHERE id = ? OR joined_id = ?', into, from, from);
  await db.run(
    `INSERT INTO audit (id, at, actor_kind, actor_id, action, subject_kind, subject_id, detail) VALUES (?, ?, 'system', ?, 'contact.join', 'contact', ?, ?)`,
    desk.id(),
    desk.now,
    channel,
    into,
    JSON.stringify({ joined: from, conversations: moved.length }),
  );
  desk.known.forget();
  for (const { id } of moved) db.tell('conversation', id);
}

/** An address that stood in for a name gives way to one. */
async function takeName(desk: Desk, into: string, from: string): Promise<void> {
  await desk.db.run(
    `UPDATE contacts SET name = COALESCE(NULLIF((SELECT name FROM contacts other WHERE other.id = ?), ''), name)
     WHERE id = ? AND (name = '' OR name IN (SELECT value FROM identities WHERE contact_id = ?))`,
    from,
    into,
    into,
  );
}
