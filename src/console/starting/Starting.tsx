import { Button } from '@mantine/core';
import { IconMessagePlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { channelsQuery } from '../api/queries.ts';
import { keyOf, useKeys } from '../parts/keys.ts';
import type { AboutTicket } from './NewConversation.tsx';

// It brings the rules of all countries' phone numbers with it.
const NewConversation = lazy(() => import('./NewConversation.tsx'));

/** The way to a new conversation, where a channel can begin one: a button, and its key. */
export function Starting({ ticket, small = false }: { ticket?: AboutTicket; small?: boolean }) {
  const { t } = useTranslation();
  const [opened, open] = useState(false);
  const { data } = useQuery(channelsQuery);
  const channels = data?.items.filter(({ starts }) => starts) ?? [];
  const can = channels.length > 0;
  // While a conversation is being ended its keys are others.
  const ending = (useSearch({ strict: false }) as { end?: boolean }).end === true;
  useKeys({ newConversation: () => open(true) }, can && !opened && !ending);
  if (!can) return null;
  const label = t(ticket ? 'start.contact' : 'start.title');
  return (
    <>
      <Button
        variant={small ? 'light' : 'default'}
        size={small ? 'compact-sm' : 'sm'}
        className={small ? 'start-button' : undefined}
        aria-keyshortcuts={keyOf('newConversation')}
        leftSection={<IconMessagePlus size={15} aria-hidden />}
        onClick={() => open(true)}
      >
        {label}
      </Button>
      {opened && (
        <Suspense>
          <NewConversation channels={channels} ticket={ticket} close={() => open(false)} />
        </Suspense>
      )}
    </>
  );
}
