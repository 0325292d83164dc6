import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationDetail } from '../../api/contract.ts';
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
    const shown = new Set<string>();
    const read = (id: string) => client.fetchQuery({ ...conversationQuery(id), staleTime: 0 });
    const isOver = ({ assignee, filed, state }: ConversationDetail): boolean => filed || state === 'open' || (assignee !== null && assignee.id !== me.id);
    const remind = async (id: string): Promise<void> => {
      const conversation = await read(id);
      if (isOver(conversation)) return;
      const { contact } = conversation;
      shown.add(id);
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
    // Filed by somebody else, taken up again, or somebody else's now: there is nothing left to do.
    const lookAgain = async (id: string): Promise<void> => {
      if (!shown.has(id) || !isOver(await read(id))) return;
      shown.delete(id);
      notifications.hide(`reminder-${id}`);
    };
    return onNews((news) => {
      if (news.kind !== 'event') return;
      if (news.of === 'reminder') remind(news.subject).catch(() => undefined);
      if (news.of === 'conversation') lookAgain(news.subject).catch(() => undefined);
    });
  }, [client, me.id, navigate, t]);
  return null;
}
