import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { MessageView } from '../../api/contract.ts';
import { dateTimeOf } from '../parts/format.ts';

type Why = NonNullable<MessageView['joined']>;

/** The first reason decides the words of the line; all of them and their points stand behind it. */
export function Joined({ joined }: { joined: MessageView['joined'] }) {
  const { t } = useTranslation();
  const words = ({ key, values: { author = '', at, ...values } }: Why['reasons'][number]): string =>
    key === 'answers' && at === undefined
      ? t('message.joined.answersElsewhere')
      : t(`message.joined.${key}`, { ...values, author: author || t('contact.unnamed'), at: at === undefined ? '' : dateTimeOf(Number(at)) });
  const [first] = joined?.reasons ?? [];
  if (!joined || !first) return null;
  return (
    <details className="joined">
      <summary>{t('message.joined.because', { reason: words(first) })}</summary>
      <ul>
        {joined.reasons.map((reason) => (
          <li key={reason.key}>
            {words(reason)} <span className="joined-points">+{reason.points}</span>
          </li>
        ))}
      </ul>
      <p>{t('message.joined.points', { points: joined.points, threshold: joined.threshold })}</p>
    </details>
  );
}

/** Anybody can write a ticket's number into a subject. */
export function Stranger({ joined }: { joined: MessageView['joined'] }) {
  const { t } = useTranslation();
  if (!joined || joined.stranger === null) return null;
  return (
    <p className="stranger" role="note">
      <IconAlertTriangle size={14} aria-hidden />
      {t('message.joined.stranger', { number: joined.stranger })}
    </p>
  );
}
