/** Writes what happens to messages after they came: edits and deletions. */
import type { DeletedEvent, EditedEvent } from '../kit/index.ts';
import type { Desk } from '../people/recognise.ts';
import type { Written } from './message.ts';

interface Stored {
  readonly id: string;
  readonly conversation_id: string;
  readonly text: string;
  readonly edited_at: number | null;
  readonly deleted_at: number | null;
}

export async function writeChange(desk: Desk, channel: string, event: EditedEvent | DeletedEvent): Promise<Written> {
  const [message] = await desk.db.all<Stored>(
    `SELECT id, conversation_id, text, edited_at, deleted_at FROM messages WHERE channel = ? AND external_id = ?${desk.db.lock}`,
    channel,
    event.id,
  );
  // It may still be on its way; the arrival waits in quarantine and can be replayed.
  if (!message) return { problem: `message not known: ${event.id}` };
  if (message.deleted_at !== null) return 'repeated';
  if (event.type === 'edited' && event.text === message.text) return 'repeated';
  const overtakenEdit = event.type === 'edited' && message.edited_at !== null && event.at < message.edited_at;
  if (overtakenEdit) return keep(desk, message, event.at, 'edited', event.text);
  await keep(desk, message, event.at, event.type, message.text);
  if (event.type === 'edited') {
    // The HTML and the quote were of the old words.
    await desk.db.run('UPDATE messages SET text = ?, html = NULL, edited_at = ? WHERE id = ?', event.text, event.at, message.id);
  } else {
    await desk.db.run(`UPDATE messages SET text = '', html = NULL, quoted = NULL, deleted_at = ? WHERE id = ?`, event.at, message.id);
  }
  await desk.db.run('UPDATE conversations SET version = version + 1 WHERE id = ?', message.conversation_id);
  desk.db.tell('conversation', message.conversation_id);
  return 'stored';
}

/** Keeps a wording that does not stand (any more), once. */
async function keep(desk: Desk, message: Stored, at: number, kind: 'edited' | 'deleted', text: string): Promise<Written> {
  const [known] = await desk.db.all<{ id: string }>(
    'SELECT id FROM revisions WHERE message_id = ? AND at = ? AND kind = ? AND text = ?',
    message.id,
    at,
    kind,
    text,
  );
  if (known) return 'repeated';
  await desk.db.run('INSERT INTO revisions (id, message_id, at, kind, text) VALUES (?, ?, ?, ?, ?)', desk.id(), message.id, at, kind, text);
  return 'stored';
}
