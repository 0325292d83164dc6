import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { HealthView } from '../../api/contract.ts';
import { connectorsQuery } from '../api/queries.ts';
import type { ConnectorsView } from '../api/shapes.ts';
import { Empty } from '../parts/Empty.tsx';
import { agoOf, dateTimeOf } from '../parts/format.ts';
import { Loading } from '../parts/Loading.tsx';
import { Page } from '../parts/Page.tsx';
import { Problem } from '../parts/Problem.tsx';

function Health({ items, kind }: { items: readonly HealthView[]; kind: HealthView['kind'] }) {
  const { t } = useTranslation();
  const mine = items.filter((one) => one.kind === kind);
  if (mine.length === 0) return null;
  return (
    <section className="card-section">
      <h2>{t(`connector.kind.${kind}`)}</h2>
      <ul className="cards">
        {mine.map(({ name, connector, state, detail, since }) => (
          <li key={name} className="card" data-state={state}>
            <span className="card-dot" aria-hidden />
            <div>
              <h3>
                {name} <span className="cell-quiet">{connector}</span>
              </h3>
              <p>{detail}</p>
            </div>
            <p className="card-state">
              {t(`connector.state.${state}`)}
              <span className="cell-quiet" title={dateTimeOf(since)}>
                {agoOf(since)}
              </span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Mappings({ problems }: { problems: ConnectorsView['mappings']['problems'] }) {
  const { t } = useTranslation();
  return (
    <section className="card-section">
      <h2>{t('connector.mappings')}</h2>
      <div className="card" data-state={problems.length ? 'trouble' : 'ready'}>
        <span className="card-dot" aria-hidden />
        <div>
          <p>{t(problems.length ? 'connector.mappingsOld' : 'connector.mappingsFine')}</p>
          {problems.map(({ file, line, message }) => (
            <p key={`${file}:${line}:${message}`}>
              <code>
                {file}:{line}
              </code>{' '}
              {message}
            </p>
          ))}
        </div>
      </div>
    </section>
  );
}

export function ConnectorsPage() {
  const { t } = useTranslation();
  const query = useQuery(connectorsQuery);
  return (
    <Page title={t('nav.connectors')}>
      {query.isPending && <Loading />}
      {query.error && <Problem error={query.error} retry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && <Empty title={t('connector.empty')} />}
      {query.data && (
        <>
          <Health items={query.data.items} kind="channel" />
          <Health items={query.data.items} kind="helpdesk" />
          <Mappings problems={query.data.mappings.problems} />
        </>
      )}
    </Page>
  );
}
