import { Link } from '@tanstack/react-router';
import { memo, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationRow } from '../../api/contract.ts';
import { dateTimeOf, whenOf } from '../parts/format.ts';

export const ConversationListRow = memo(function ConversationListRow({ row, here }: { row: ConversationRow; here: boolean }) {
  const { t } = useTranslation();
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (here) link.current?.scrollIntoView({ block: 'nearest' });
  }, [here]);
  return (
    <li>
      <Link
        ref={link}
        to="/conversations/$id"
        params={{ id: row.id }}
        search={(old) => ({ ...old, end: undefined, correct: undefined })}
        className="row"
        data-unread={row.unread > 0 || undefined}
        aria-current={here ? 'page' : undefined}
      >
        <span className="row-top">
          <span className="row-name">{row.contact.name || t('contact.unnamed')}</span>
          <time className="row-time" dateTime={new Date(row.lastAt).toISOString()} title={dateTimeOf(row.lastAt)}>
            {whenOf(row.lastAt)}
          </time>
        </span>
        {(row.company || row.subject) && <span className="row-subject">{[row.company?.name, row.subject].filter(Boolean).join(' · ')}</span>}
        <span className="row-bottom">
          <span className="row-text">{row.lastText || t('message.noText')}</span>
          {row.unread > 0 && (
            <span className="row-unread">
              {row.unread}
              <span className="visually-hidden"> {t('inbox.unread')}</span>
            </span>
          )}
        </span>
        <span className="row-foot">
          <span>{row.channelTitle}</span>
          {row.assignee && <span>{row.assignee.name}</span>}
          {row.state === 'ended' && !row.filed && <span className="tag tag-alarm">{t('inbox.withoutTicket')}</span>}
          {row.reminded && <span className="tag tag-alarm">{t('inbox.reminded')}</span>}
          {row.filed && <span className="tag">{t('inbox.filed')}</span>}
        </span>
      </Link>
    </li>
  );
});
