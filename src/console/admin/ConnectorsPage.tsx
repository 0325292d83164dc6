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
import { conditionOf, isUnpaired } from './condition.ts';
import { Hearing } from './Hearing.tsx';
import { PairingCode } from './PairingCode.tsx';

/** Sessions tell no news of their own, and whoever looks at this page waits for one. */
const lookedAtMs = 5_000;

/** A channel or a helpdesk: what is the matter first, and what to do about it. */
function Connector({ health }: { health: HealthView }) {
  const { t } = useTranslation();
  const { name, connector, kind, state, detail, since, sending } = health;
  const condition = conditionOf(health);
  return (
    <li className="card" data-state={condition}>
      <span className="card-dot" aria-hidden />
      <div className="card-body">
        <div className="card-head">
          <h3>
            {name} <span className="cell-quiet">{connector}</span>
          </h3>
          <p className="card-state">
            {t(`connector.state.${condition}`)}
            {condition === state && (
              <span className="cell-quiet" title={dateTimeOf(since)}>
                {agoOf(since)}
              </span>
            )}
          </p>
        </div>
        {detail && <p>{detail}</p>}
        {isUnpaired(health) && <PairingCode name={name} />}
        {sending.state !== 'ready' && <p data-alarm>{t(`connector.sending.${sending.state}`, { detail: sending.detail })}</p>}
        {kind === 'channel' && <Hearing health={health} />}
      </div>
    </li>
  );
}

function Connectors({ items, kind }: { items: readonly HealthView[]; kind: HealthView['kind'] }) {
  const { t } = useTranslation();
  const mine = items.filter((one) => one.kind === kind);
  if (mine.length === 0) return null;
  return (
    <section className="card-section">
      <h2>{t(`connector.kind.${kind}`)}</h2>
      <ul className="cards">
        {mine.map((health) => (
          <Connector key={health.name} health={health} />
        ))}
      </ul>
    </section>
  );
}

function Places({ says, places }: { says: string; places: ConnectorsView['mappings']['problems'] }) {
  return (
    <div className="card" data-state={places.length ? 'trouble' : 'ready'}>
      <span className="card-dot" aria-hidden />
      <div>
        <p>{says}</p>
        {places.map(({ file, line, message }) => (
          <p key={`${file}:${line}:${message}`}>
            <code>
              {file}:{line}
            </code>{' '}
            {message}
          </p>
        ))}
      </div>
    </div>
  );
}

function Mappings({ mappings: { problems, drift } }: { mappings: ConnectorsView['mappings'] }) {
  const { t } = useTranslation();
  return (
    <section className="card-section">
      <h2>{t('connector.mappings')}</h2>
      <Places says={t(problems.length ? 'connector.mappingsOld' : 'connector.mappingsFine')} places={problems} />
      {drift.length > 0 && <Places says={t('connector.mappingsDrift')} places={drift} />}
    </section>
  );
}

export function ConnectorsPage() {
  const { t } = useTranslation();
  const query = useQuery({ ...connectorsQuery, refetchInterval: lookedAtMs });
  return (
    <Page title={t('nav.connectors')}>
      {query.isPending && <Loading />}
      {query.error && <Problem error={query.error} retry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && <Empty title={t('connector.empty')} />}
      {query.data && (
        <>
          <Connectors items={query.data.items} kind="channel" />
          <Connectors items={query.data.items} kind="helpdesk" />
          <Mappings mappings={query.data.mappings} />
        </>
      )}
    </Page>
  );
}
