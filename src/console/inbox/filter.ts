/** What the inbox shows, from the address. */
import { useSearch } from '@tanstack/react-router';
import type { InboxFilter } from '../api/queries.ts';

export function useInboxFilter(): InboxFilter {
  const { view = 'open', assignee = 'any', words = '' } = useSearch({ strict: false }) as Partial<InboxFilter>;
  return { view, assignee, words };
}
