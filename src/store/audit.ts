/** The audit: who did what, when. Written in the transaction that did it; ids and plain words only, so that erasing a person never touches it. */
import type { Transaction } from 'kysely';
import type { Json } from '../kit/index.ts';
import { newId } from './ids.ts';
import type { AuditTable, Database } from './schema.ts';

export interface AuditEntry {
  readonly at: number;
  readonly actor: { readonly kind: AuditTable['actor_kind']; readonly id: string };
  /** A verb and what it was done to: `closing.commit`. */
  readonly action: string;
  readonly subject: { readonly kind: string; readonly id: string };
  /** Ids and plain words only: never a name, an address or a text. */
  readonly detail?: { readonly [key: string]: Json };
}

export async function audit(tx: Transaction<Database>, entry: AuditEntry): Promise<void> {
  await tx
    .insertInto('audit')
    .values({
      id: newId(),
      at: entry.at,
      actor_kind: entry.actor.kind,
      actor_id: entry.actor.id,
      action: entry.action,
      subject_kind: entry.subject.kind,
      subject_id: entry.subject.id,
      detail: JSON.stringify(entry.detail ?? {}),
    })
    .execute();
}
