import { useTranslation } from 'react-i18next';
import type { HealthView } from '../../api/contract.ts';
import { dateTimeOf, momentOf, sameDay, timeOf } from '../parts/format.ts';
import { isUnpaired } from './condition.ts';

type Outage = HealthView['outages'][number];

function Intakes({ intakes }: Pick<HealthView, 'intakes'>) {
  const { t } = useTranslation();
  return (
    <ul className="hearing-intakes">
      {intakes.map(({ intake, state, detail, since, standby }) => (
        <li key={intake}>
          {t(intake.startsWith('session') ? 'connector.intake.session' : 'connector.intake.poll')}:{' '}
          {standby ? t('connector.intakeState.standby') : t('connector.intakeSince', { state: t(`connector.intakeState.${state}`), since: momentOf(since) })}
          {detail && !standby && state !== 'ready' && state !== 'unpaired' && ` (${detail})`}
        </li>
      ))}
    </ul>
  );
}

function OutageLine({ outage: { from, to, recovered, lost, detail } }: { outage: Outage }) {
  const { t } = useTranslation();
  const known = [t('connector.recovered', { count: recovered }), t(lost === 0 ? 'connector.lost' : 'connector.lostUnknown')];
  return (
    <li>
      {to === null
        ? t('connector.downNow', { from: momentOf(from) })
        : [t('connector.downTime', { from: momentOf(from), to: sameDay(from, to) ? timeOf(to) : dateTimeOf(to) }), ...known].join(', ')}
      {detail && <span className="cell-quiet"> ({detail})</span>}
    </li>
  );
}

function Canary({ canary: { state, sentAt, detail } }: { canary: NonNullable<HealthView['canary']> }) {
  const { t } = useTranslation();
  return <p data-alarm={state === 'missing' || state === 'failed' || undefined}>{t(`connector.canary.${state}`, { sent: momentOf(sentAt), detail })}</p>;
}

/** How a channel hears its vendor, from what matters now to what is over. */
export function Hearing({ health }: { health: HealthView }) {
  const { t } = useTranslation();
  const { intakes, outages, silence, canary } = health;
  const lasting = outages.find(({ to }) => to === null);
  return (
    <div className="hearing">
      {lasting && !isUnpaired(health) && <p data-alarm>{t('connector.down', { from: momentOf(lasting.from) })}</p>}
      {silence && (
        <p data-alarm>
          {t('connector.silence', { since: momentOf(silence.since), count: silence.expected })} {t('connector.silenceNext')}
        </p>
      )}
      {canary && <Canary canary={canary} />}
      {intakes.length > 0 && <Intakes intakes={intakes} />}
      {outages.length > 0 && (
        <details className="quoted">
          <summary>{t('connector.outages', { count: outages.length })}</summary>
          <ul>
            {outages.map((outage) => (
              <OutageLine key={`${outage.intake} ${outage.from}`} outage={outage} />
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
