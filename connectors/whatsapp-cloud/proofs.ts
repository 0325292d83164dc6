/**
 * What happened to sends whose answer was lost. Meta has no way to look a message up, but each status of it repeats our own mark
 * (`biz_opaque_callback_data`): one that comes proves the send; one that does not come proves nothing.
 */
import { ConnectorError, type Json, type Records } from '../../src/kit/index.ts';
import type { Status } from './wire.ts';

/** `sends`: under way, or unclear, by mark. `pieces`: later pieces of a message by their ids, with the first one's. */
const sends = 'sends';
const pieces = 'pieces';

const mark = /^deskbridge:[^:]+:(\d+)\/(\d+)$/;

/** Our mark of piece `index` (from 0) of a message; at most 512 bytes. */
export const markOf = (message: string, index: number, count: number): string => `deskbridge:${message}:${index + 1}/${count}`;

/** Whether it is the last piece; undefined for what is not our mark. */
export function readMark(text: string | undefined): { readonly last: boolean } | undefined {
  const [, index, count] = mark.exec(text ?? '') ?? [];
  return index === undefined ? undefined : { last: index === count };
}

/** What a status tells of a message that we sent. */
export type Proof = { readonly id: string; readonly phone: string | null; readonly user: string | null };
type Send = { readonly proof: Proof | null };

export const beforeSend = (records: Records, text: string): Promise<boolean> => records.insert(sends, text, { proof: null } satisfies Send as Json);
export const afterSend = (records: Records, text: string): Promise<boolean> => records.delete(sends, text);

/** A status is taken down only for a send that is under way or unclear, so that nothing piles up. */
export async function tookDown(
  records: Records,
  { id, biz_opaque_callback_data: text, recipient_id, recipient_user_id, recipient_parent_user_id }: Status,
): Promise<void> {
  if (text === undefined || readMark(text) === undefined || (await records.get(sends, text)) === undefined) return;
  const phone = recipient_id !== undefined && /^\d+$/.test(recipient_id) ? recipient_id : null;
  const proof: Proof = { id, phone, user: recipient_user_id ?? recipient_parent_user_id ?? null };
  await records.update<Send>(sends, text, (held) => (held.proof === null ? { proof } : held));
}

/** The proof, or `unclear`: a person must say. Never "it did not arrive". */
export async function proofOf(records: Records, text: string): Promise<Proof> {
  const held = await records.get<Send>(sends, text);
  if (held?.proof) return held.proof;
  throw new ConnectorError('unclear', 'WhatsApp did not answer, and has sent no status of this message so far. It may have arrived. Send it again?', {
    retry: 'never',
    effect: 'unclear',
  });
}

/** Ids of all pieces lead to the first one's, which is the message's id in Deskbridge. */
export const joinPieces = (records: Records, piece: string, first: string): Promise<boolean> => records.insert(pieces, piece, first);
export const firstPiece = async (records: Records, id: string): Promise<string> => (await records.get<string>(pieces, id)) ?? id;
