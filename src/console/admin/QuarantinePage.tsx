import { Button, Checkbox } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { quarantineQuery } from '../api/queries.ts';
import { Empty } from '../parts/Empty.tsx';
import { dateTimeOf } from '../parts/format.ts';
import { Loading } from '../parts/Loading.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { Page } from '../parts/Page.tsx';
import { Problem } from '../parts/Problem.tsx';
import { tellProblem } from '../parts/problem-text.ts';

/** What came in and was not understood: kept, and read again after an upgrade. */
export function QuarantinePage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useInfiniteQuery(quarantineQuery);
  const [ticked, tick] = useState<readonly string[]>([]);
  const replay = useMutation({
    mutationFn: (ids: readonly string[]) => call<{ replayed: number }>('POST', '/quarantine/replay', { body: ids.length ? { ids } : {} }),
    onSuccess: ({ replayed }) => {
      tick([]);
      notifications.show({ message: t('quarantine.replayed', { count: replayed }) });
    },
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: ['quarantine'] }),
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const tools = items.length > 0 && (
    <Button loading={replay.isPending} onClick={() => replay.mutate(ticked)}>
      {ticked.length ? t('quarantine.replaySome', { count: ticked.length }) : t('quarantine.replayAll')}
    </Button>
  );
  return (
    <Page title={t('nav.quarantine')} tools={tools}>
      {query.isPending && <Loading />}
      {query.error && <Problem error={query.error} retry={() => void query.refetch()} />}
      {query.data && items.length === 0 && (
        <Empty title={t('quarantine.empty')}>
          <p>{t('quarantine.emptyHint')}</p>
        </Empty>
      )}
      <ul className="deliveries">
        {items.map(({ id, channel, receivedAt, error, payload }) => (
          <li key={id} className="delivery">
            <div className="delivery-head">
              <Checkbox
                label={`${channel} · ${dateTimeOf(receivedAt)}`}
                checked={ticked.includes(id)}
                onChange={(event) => {
                  const { checked } = event.currentTarget;
                  tick((old) => (checked ? [...old, id] : old.filter((one) => one !== id)));
                }}
              />
            </div>
            <p className="delivery-error">{error}</p>
            <details className="quoted">
              <summary>{t('quarantine.payload')}</summary>
              <pre>{payload}</pre>
            </details>
          </li>
        ))}
      </ul>
      <MoreButton query={query} />
    </Page>
  );
}
