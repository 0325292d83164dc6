import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { conversationQuery } from '../api/queries.ts';
import { Loading } from '../parts/Loading.tsx';
import { Problem } from '../parts/Problem.tsx';
import { Conversation } from './Conversation.tsx';

export function ConversationPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: '/shell/mail/conversations/$id' });
  const client = useQueryClient();
  const query = useQuery(conversationQuery(id));
  const unread = query.data?.unread ?? 0;
  const name = query.data?.contact.name;
  useEffect(() => {
    document.title = `${name || t('nav.inbox')} · Deskbridge`;
  }, [name, t]);
  useEffect(() => {
    // Only what somebody can have looked at is read.
    const read = (): void => {
      if (unread === 0 || document.visibilityState !== 'visible') return;
      void call('POST', `/conversations/${id}/read`, { body: {} }).then(
        () => client.invalidateQueries({ queryKey: ['conversations'] }),
        () => undefined,
      );
    };
    read();
    document.addEventListener('visibilitychange', read);
    return () => document.removeEventListener('visibilitychange', read);
  }, [id, unread, client]);
  if (query.data) return <Conversation key={id} conversation={query.data} />;
  return (
    <main className="conversation" id="main">
      {query.error ? <Problem error={query.error} retry={() => void query.refetch()} /> : <Loading />}
    </main>
  );
}
