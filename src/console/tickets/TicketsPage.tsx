import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { TicketRow } from '../../api/contract.ts';
import { ticketsQuery } from '../api/queries.ts';
import { Empty } from '../parts/Empty.tsx';
import { dateTimeOf, shortDayOf, whenOf } from '../parts/format.ts';
import { useKeys } from '../parts/keys.ts';
import { Loading } from '../parts/Loading.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { Page } from '../parts/Page.tsx';
import { Problem } from '../parts/Problem.tsx';

function Row({ ticket }: { ticket: TicketRow }) {
  const { helpdesk, id, number, subject, status, priority, requester, company, assignee, due, updatedAt } = ticket;
  const over = status.meaning === 'resolved' || status.meaning === 'closed';
  return (
    <tr>
      <td className="cell-number">
        <Link to="/tickets/$helpdesk/$id" params={{ helpdesk, id }}>
          #{number}
        </Link>
      </td>
      <td className="cell-main">
        <Link to="/tickets/$helpdesk/$id" params={{ helpdesk, id }}>
          {subject}
        </Link>
        <span className="cell-sub">{[requester, company].filter(Boolean).join(' · ')}</span>
      </td>
      <td>
        {status.label && (
          <span className="status" data-meaning={status.meaning}>
            {status.label}
          </span>
        )}
      </td>
      <td>{priority}</td>
      <td>{assignee}</td>
      <td data-overdue={(due !== null && due < Date.now() && !over) || undefined}>{due === null ? '' : shortDayOf(due)}</td>
      <td className="cell-quiet">{helpdesk}</td>
      <td className="cell-quiet" title={dateTimeOf(updatedAt)}>
        {whenOf(updatedAt)}
      </td>
    </tr>
  );
}

export function TicketsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { words = '' } = useSearch({ from: '/shell/tickets' });
  const query = useInfiniteQuery(ticketsQuery(words));
  const box = useRef<HTMLInputElement>(null);
  const look = useDebouncedCallback((value: string) => void navigate({ to: '.', search: { words: value || undefined }, replace: true }), 250);
  useKeys({ search: () => box.current?.focus() });
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const search = (
    <TextInput
      ref={box}
      type="search"
      aria-label={t('ticket.search')}
      placeholder={t('ticket.search')}
      leftSection={<IconSearch size={14} />}
      defaultValue={words}
      onChange={(event) => look(event.currentTarget.value)}
    />
  );
  return (
    <Page title={t('nav.tickets')} tools={search} wide>
      {query.isPending && <Loading />}
      {query.error && <Problem error={query.error} retry={() => void query.refetch()} />}
      {query.data && rows.length === 0 && (
        <Empty title={t(words ? 'inbox.noMatch' : 'ticket.empty')}>
          <p>{t(words ? 'inbox.noMatchHint' : 'ticket.emptyHint')}</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('ticket.column.number')}</th>
              <th scope="col">{t('ticket.column.subject')}</th>
              <th scope="col">{t('ticket.column.status')}</th>
              <th scope="col">{t('ticket.column.priority')}</th>
              <th scope="col">{t('ticket.column.assignee')}</th>
              <th scope="col">{t('ticket.column.due')}</th>
              <th scope="col">{t('ticket.column.helpdesk')}</th>
              <th scope="col">{t('ticket.column.updated')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((ticket) => (
              <Row key={`${ticket.helpdesk}/${ticket.id}`} ticket={ticket} />
            ))}
          </tbody>
        </table>
      )}
      <MoreButton query={query} />
    </Page>
  );
}
