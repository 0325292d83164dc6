/** How far the vendor says that our messages got. Whatever the order in which receipts come, the same one stands in the end. */
import type { Statements } from '../store/statements.ts';

export type ReceiptState = 'delivered' | 'read' | 'failed';

/** A failure is the last word: an agent must hear of it, whatever was said before. */
const rank: Readonly<Record<ReceiptState, number>> = { delivered: 1, read: 2, failed: 3 };

export interface Receipt {
  readonly state: ReceiptState;
  readonly at: number;
  /** The vendor's words, where it failed. */
  readonly reason: string | null;
}

interface Sent {
  readonly id: string;
  readonly conversation_id: string;
  readonly receipt: ReceiptState | null;
}

/** False where it says nothing new. */
export async function noteReceipt(db: Statements, message: Sent, { state, at, reason }: Receipt): Promise<boolean> {
  if (message.receipt !== null && rank[message.receipt] >= rank[state]) return false;
  await db.run('UPDATE messages SET receipt = ?, receipt_at = ? WHERE id = ?', state, at, message.id);
  // A reply that failed after it was sent is one that the customer does not have.
  if (state === 'failed') await db.run(`UPDATE messages SET sending = 'failed', failure = ? WHERE id = ?`, reason, message.id);
  db.tell('conversation', message.conversation_id);
  return true;
}

/** The message of ours that has this id at the vendor, however the receipt and the answer to its send overtake each other. */
export const sentMessage = async (db: Statements, channel: string, externalId: string): Promise<Sent | undefined> =>
  (
    await db.all<Sent>(
      `SELECT id, conversation_id, receipt FROM messages WHERE channel = ? AND external_id = ? AND direction = 'out'${db.lock}`,
      channel,
      externalId,
    )
  )[0];

/** Keeps a receipt until its message has its id. One row a message: the furthest of them. */
export async function keepReceipt(db: Statements, channel: string, externalId: string, receipt: Receipt, now: number): Promise<boolean> {
  const [known] = await db.all<{ state: ReceiptState }>(
    `SELECT state FROM waiting_receipts WHERE channel = ? AND external_id = ?${db.lock}`,
    channel,
    externalId,
  );
  if (known && rank[known.state] >= rank[receipt.state]) return false;
  await db.run(
    `INSERT INTO waiting_receipts (channel, external_id, state, reason, at, received_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (channel, external_id) DO UPDATE SET state = excluded.state, reason = excluded.reason, at = excluded.at, received_at = excluded.received_at`,
    channel,
    externalId,
    receipt.state,
    receipt.reason,
    receipt.at,
    now,
  );
  return true;
}

/** Call once a message has its id at the vendor: what was told of it before counts now. */
export async function takeReceipt(db: Statements, channel: string, externalId: string): Promise<void> {
  const [waiting] = await db.all<Receipt>('SELECT state, at, reason FROM waiting_receipts WHERE channel = ? AND external_id = ?', channel, externalId);
  if (!waiting) return;
  const message = await sentMessage(db, channel, externalId);
  if (!message) return;
  await noteReceipt(db, message, waiting);
  await db.run('DELETE FROM waiting_receipts WHERE channel = ? AND external_id = ?', channel, externalId);
}

/** Receipts of messages that were written elsewhere never find theirs. */
const keptMs = 7 * 24 * 3_600_000;

export const dropOldReceipts = (db: Statements, now: number): number | Promise<number> =>
  db.run('DELETE FROM waiting_receipts WHERE received_at < ?', now - keptMs);
