/** The list as one array, and the way from one conversation to the next. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { conversationsQuery } from '../api/queries.ts';
import { ignoreKeysFor } from '../parts/keys.ts';
import { useInboxFilter } from './filter.ts';

const quietAfterJumpMs = 500;

export function useList() {
  const query = useInfiniteQuery(conversationsQuery(useInboxFilter()));
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return { query, rows };
}

/** `jump(1)` opens the next conversation, `jump(-1)` the one before; false where there is none. */
export function useJump(open: string | undefined): (by: 1 | -1) => boolean {
  const { rows } = useList();
  const navigate = useNavigate();
  return useCallback(
    (by) => {
      const here = rows.findIndex(({ id }) => id === open);
      const next = rows[here < 0 ? (by > 0 ? 0 : rows.length - 1) : here + by];
      if (!next) return false;
      // Only between conversations: opening the first one is no jump.
      if (open) ignoreKeysFor(quietAfterJumpMs);
      void navigate({ to: '/conversations/$id', params: { id: next.id }, search: (old) => ({ ...old, end: undefined, correct: undefined }) });
      return true;
    },
    [rows, open, navigate],
  );
}
