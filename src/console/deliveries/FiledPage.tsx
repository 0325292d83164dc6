import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { closingsQuery } from '../api/queries.ts';
import { Empty } from '../parts/Empty.tsx';
import { Loading } from '../parts/Loading.tsx';
import { Page } from '../parts/Page.tsx';
import { Problem } from '../parts/Problem.tsx';
import { FiledRow } from './FiledRow.tsx';

/** "My last 20": what I filed, with undo or correct, honest about what can't be undone any more. */
export function FiledPage() {
  const { t } = useTranslation();
  const query = useQuery({ ...closingsQuery, refetchInterval: 10_000 });
  return (
    <Page title={t('nav.filed')}>
      {query.isPending && <Loading />}
      {query.error && <Problem error={query.error} retry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && (
        <Empty title={t('filed.empty')}>
          <p>
            {t('filed.emptyHint')}{' '}
            <Link to="/inbox" search={{}}>
              {t('nav.inbox')}
            </Link>
          </p>
        </Empty>
      )}
      <ul className="deliveries">
        {query.data?.items.map((closing) => (
          <FiledRow key={closing.id} closing={closing} />
        ))}
      </ul>
    </Page>
  );
}
