import { NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Assignee, conversationsQuery, type InboxView, unfiledQuery } from '../api/queries.ts';
import { useMe } from '../app/session.ts';
import { Empty } from '../parts/Empty.tsx';
import { useKeys } from '../parts/keys.ts';
import { Loading } from '../parts/Loading.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { Problem } from '../parts/Problem.tsx';
import { Starting } from '../starting/Starting.tsx';
import { ConversationListRow } from './ConversationListRow.tsx';
import { useInboxFilter } from './filter.ts';
import { useJump, useList } from './use-list.ts';

const views: readonly InboxView[] = ['open', 'unfiled', 'ended'];
const assignees: readonly Assignee[] = ['any', 'me', 'none'];

function ViewTabs() {
  const { t } = useTranslation();
  const filter = useInboxFilter();
  const unfiled = useInfiniteQuery(conversationsQuery({ view: 'unfiled', assignee: filter.assignee, words: '' }));
  const first = unfiled.data?.pages[0];
  const waiting = first?.items.length ? `${first.items.length}${first.next ? '+' : ''}` : '';
  return (
    <nav className="view-tabs" aria-label={t('inbox.views')}>
      {views.map((view) => (
        <Link
          key={view}
          to="/inbox"
          search={{ ...(view === 'open' ? {} : { view }), ...(filter.assignee === 'any' ? {} : { assignee: filter.assignee }) }}
          className="view-tab"
          activeOptions={{ exact: true }}
          aria-current={filter.view === view ? 'page' : undefined}
        >
          {t(`inbox.view.${view}`)}
          {view === 'unfiled' && waiting && <span className="nav-count nav-count-alarm">{waiting}</span>}
        </Link>
      ))}
    </nav>
  );
}

/** What ended without a ticket and was still there when the leads were told stays before their eyes until none is left. */
function Waiting() {
  const { t } = useTranslation();
  const admin = useMe().role === 'admin';
  const { data } = useQuery(unfiledQuery);
  if (!admin || !data?.told) return null;
  return (
    <div className="banner banner-alarm" role="status">
      <span>{t('inbox.told', { count: data.told })}</span>{' '}
      <Link to="/inbox" search={{ view: 'unfiled' }}>
        {t('inbox.showThem')}
      </Link>
    </div>
  );
}

export function ConversationList({ open }: { open: string | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const filter = useInboxFilter();
  const { query, rows } = useList();
  const jump = useJump(open);
  const searchBox = useRef<HTMLInputElement>(null);
  const look = useDebouncedCallback(
    (words: string) => void navigate({ to: '.', search: (old) => ({ ...old, words: words || undefined }), replace: true }),
    250,
  );
  useKeys({ next: () => jump(1), previous: () => jump(-1) }, !open);
  useKeys({ search: () => searchBox.current?.focus() });
  const unread = rows.reduce((sum, row) => sum + (row.unread ? 1 : 0), 0);
  useEffect(() => {
    if (!open) document.title = `${unread ? `(${unread}) ` : ''}${t('nav.inbox')} · Deskbridge`;
  }, [open, unread, t]);
  return (
    <section className="list-pane" aria-label={t('nav.inbox')}>
      <header className="list-head">
        {!open && <h1 className="visually-hidden">{t('nav.inbox')}</h1>}
        <ViewTabs />
        <Waiting />
        <div className="list-filter">
          <TextInput
            ref={searchBox}
            type="search"
            aria-label={t('inbox.search')}
            placeholder={t('inbox.search')}
            leftSection={<IconSearch size={14} />}
            defaultValue={filter.words}
            onChange={(event) => look(event.currentTarget.value)}
          />
          <NativeSelect
            aria-label={t('inbox.assignee')}
            value={filter.assignee}
            onChange={(event) => {
              const assignee = event.currentTarget.value as Assignee;
              void navigate({ to: '.', search: (old) => ({ ...old, assignee: assignee === 'any' ? undefined : assignee }), replace: true });
            }}
            data={assignees.map((value) => ({ value, label: t(`inbox.assigned.${value}`) }))}
          />
        </div>
      </header>
      <div className="list-start">
        <Starting small />
      </div>
      <div className="list-body">
        {query.isPending && <Loading rows={9} />}
        {query.error && !query.data && <Problem error={query.error} retry={() => void query.refetch()} />}
        {query.data && rows.length === 0 && (
          <Empty title={t(filter.words ? 'inbox.noMatch' : `inbox.empty.${filter.view}`)}>
            <p>{t(filter.words ? 'inbox.noMatchHint' : `inbox.emptyHint.${filter.view}`)}</p>
          </Empty>
        )}
        <ul className="rows">
          {rows.map((row) => (
            <ConversationListRow key={row.id} row={row} here={row.id === open} />
          ))}
        </ul>
        <MoreButton query={query} />
      </div>
    </section>
  );
}
