import { Button } from '@mantine/core';
import { IconAlertTriangle, IconClock, IconLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { timeOf } from '../parts/format.ts';
import { problemText } from '../parts/problem-text.ts';
import { discard, type Outgoing, sendAgain } from './outbox.ts';

/** A reply that the server does not have yet. */
export function OutgoingItem({ outgoing }: { outgoing: Outgoing }) {
  const { t } = useTranslation();
  const { reply, at, state, error } = outgoing;
  return (
    <li className="message" data-look={reply.kind === 'internal' ? 'internal' : 'out'} data-pending>
      <div className="bubble">
        <p className="message-head">
          <span className="message-author">{t('conversation.me')}</span>
          <time>{timeOf(at)}</time>
          {reply.kind === 'internal' && (
            <span className="internal-mark">
              <IconLock size={12} aria-hidden />
              {t('message.internal')}
            </span>
          )}
        </p>
        <p className="message-text">{reply.text}</p>
        {reply.files?.map((file) => (
          <span key={file.sha256} className="file">
            <span className="file-name">{file.name}</span>
          </span>
        ))}
        {state === 'sending' ? (
          <p className="sending">
            <IconClock size={12} aria-hidden />
            {t('sending.sending')}
          </p>
        ) : (
          <p className="sending sending-alarm" role="alert">
            <IconAlertTriangle size={14} aria-hidden />
            {error ? problemText(error) : t('sending.interrupted')}
            <Button size="compact-xs" variant="light" color="red" onClick={() => sendAgain(reply.id)}>
              {t('action.tryAgain')}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => discard(reply.id)}>
              {t('action.discard')}
            </Button>
          </p>
        )}
      </div>
    </li>
  );
}
