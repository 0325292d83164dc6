import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { deliveriesQuery } from '../api/queries.ts';
import { Empty } from '../parts/Empty.tsx';
import { Loading } from '../parts/Loading.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { Page } from '../parts/Page.tsx';
import { Problem } from '../parts/Problem.tsx';
import { Delivery } from './Delivery.tsx';

const states = ['needs-you', 'waiting', 'done', 'all'] as const;

/** Deliveries in one state; nothing at all where there are none and `quiet` says so. */
function Deliveries({ state }: { state: string }) {
  const query = useInfiniteQuery(deliveriesQuery(state));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.isPending) return <Loading rows={3} />;
  if (query.error) return <Problem error={query.error} retry={() => void query.refetch()} />;
  return (
    <>
      <ul className="deliveries">
        {items.map((delivery) => (
          <Delivery key={delivery.id} delivery={delivery} />
        ))}
      </ul>
      <MoreButton query={query} />
    </>
  );
}

function NeedsYou() {
  const { t } = useTranslation();
  const parked = useInfiniteQuery(deliveriesQuery('parked'));
  const dead = useInfiniteQuery(deliveriesQuery('dead'));
  const empty = [parked, dead].every(({ data }) => data?.pages[0]?.items.length === 0);
  if (empty)
    return (
      <Empty title={t('delivery.nothingNeedsYou')}>
        <p>{t('delivery.nothingNeedsYouHint')}</p>
      </Empty>
    );
  return (
    <>
      <Deliveries state="parked" />
      <Deliveries state="dead" />
    </>
  );
}

function Others({ state }: { state: string }) {
  const { t } = useTranslation();
  const { data } = useInfiniteQuery(deliveriesQuery(state));
  if (data?.pages[0]?.items.length === 0) return <Empty title={t('delivery.none')} />;
  return <Deliveries state={state} />;
}

export function DeliveriesPage() {
  const { t } = useTranslation();
  const { state = 'needs-you' } = useSearch({ from: '/shell/deliveries' });
  const tabs = (
    <nav className="view-tabs" aria-label={t('delivery.states')}>
      {states.map((one) => (
        <Link key={one} to="/deliveries" search={{ state: one }} className="view-tab" aria-current={one === state ? 'page' : undefined}>
          {t(`delivery.state.${one}`)}
        </Link>
      ))}
    </nav>
  );
  return (
    <Page title={t('nav.deliveries')} tools={tabs}>
      {state === 'needs-you' ? <NeedsYou /> : <Others state={state} />}
    </Page>
  );
}
