/** The marks by which an effect is recognised: a field or tag on tickets, a visible last line in notes and replies, since Freshdesk strips what is hidden. */
import { ConnectorError } from '../../src/kit/index.ts';
import type { WireConversation, WireTicket } from './wire.ts';

/** A UUID without dashes is 32 characters: the most that a tag may have. */
export const tagOf = (operation: string): string => operation.replaceAll('-', '');

export const lineOf = (operation: string): string => `ref ${operation}`;

/** Throws `unclear` when the row shows neither tags nor the field: then it proves nothing. */
export function carries(row: WireTicket, operation: string, markerField: string | undefined): boolean {
  if (row.tags?.includes(tagOf(operation))) return true;
  if (markerField && row.custom_fields?.[markerField] === operation) return true;
  if (markerField ? row.custom_fields : row.tags) return false;
  throw new ConnectorError('unclear', 'Freshdesk: the ticket list does not show the mark, so it cannot tell whether the ticket was opened', {
    effect: 'unclear',
  });
}

export const holdsLine = (entry: WireConversation, operation: string): boolean => `${entry.body_text ?? ''}\n${entry.body ?? ''}`.includes(lineOf(operation));
