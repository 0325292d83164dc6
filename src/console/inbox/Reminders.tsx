import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { onNews } from '../api/live.ts';
import { conversationQuery } from '../api/queries.ts';
import { useMe } from '../app/session.ts';

/** A conversation that ended without a ticket asks its agent to file it; one that is nobody's asks all. */
export function Reminders() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const me = useMe();
  const navigate = useNavigate();
  useEffect(() => {
    const remind = async (id: string): Promise<void> => {
      const conversation = await client.fetchQuery({ ...conversationQuery(id), staleTime: 0 });
      const { assignee, contact, filed, state } = conversation;
      if (filed || state === 'open' || (assignee !== null && assignee.id !== me.id)) return;
      notifications.show({
        id: `reminder-${id}`,
        autoClose: false,
        closeButtonProps: { 'aria-label': t('action.dismiss') },
        color: 'orange',
        message: (
          <>
            {t('inbox.reminder', { name: contact.name || t('contact.unnamed') })}{' '}
            <a
              href={`/conversations/${id}?end=true`}
              onClick={(event) => {
                event.preventDefault();
                notifications.hide(`reminder-${id}`);
                void navigate({ to: '/conversations/$id', params: { id }, search: { end: true } });
              }}
            >
              {t('inbox.fileIt')}
            </a>
          </>
        ),
      });
    };
    return onNews((news) => {
      if (news.kind === 'event' && news.of === 'reminder') remind(news.subject).catch(() => undefined);
    });
  }, [client, me.id, navigate, t]);
  return null;
}
