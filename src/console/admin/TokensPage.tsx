import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { tokensQuery } from '../api/queries.ts';
import type { TokenView } from '../api/shapes.ts';
import { Empty } from '../parts/Empty.tsx';
import { dateTimeOf } from '../parts/format.ts';
import { Loading } from '../parts/Loading.tsx';
import { Page } from '../parts/Page.tsx';
import { Problem } from '../parts/Problem.tsx';
import { problemText, tellProblem } from '../parts/problem-text.ts';
import { ShownOnce } from './ShownOnce.tsx';

/** Asked twice, because programs that use it stop working at once. */
function Revoke({ token, revoke }: { token: TokenView; revoke: (id: string) => void }) {
  const { t } = useTranslation();
  const [sure, ask] = useState(false);
  return (
    <Button
      size="compact-xs"
      variant={sure ? 'filled' : 'default'}
      color={sure ? 'red' : 'gray'}
      aria-label={t('token.revokeNamed', { name: token.name })}
      onBlur={() => ask(false)}
      onClick={() => (sure ? revoke(token.id) : ask(true))}
    >
      {t(sure ? 'token.sure' : 'token.revoke')}
    </Button>
  );
}

export function TokensPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(tokensQuery);
  const stale = () => client.invalidateQueries({ queryKey: ['tokens'] });
  const create = useMutation({ mutationFn: (body: { name: string; role: string }) => call<{ token: string }>('POST', '/tokens', { body }), onSettled: stale });
  const revoke = useMutation({ mutationFn: (id: string) => call('DELETE', `/tokens/${id}`), onError: tellProblem, onSettled: stale });
  return (
    <Page title={t('nav.tokens')}>
      <form
        className="inline-form"
        aria-label={t('token.create')}
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          create.mutate({ name: String(form.get('name')), role: String(form.get('role')) });
        }}
      >
        <TextInput name="name" label={t('token.what')} required withAsterisk={false} />
        <NativeSelect
          name="role"
          label={t('field.role')}
          data={[
            { value: 'agent', label: t('role.agent') },
            { value: 'admin', label: t('role.admin') },
          ]}
        />
        <Button type="submit" loading={create.isPending}>
          {t('token.create')}
        </Button>
      </form>
      {create.error && (
        <p className="form-error" role="alert">
          {problemText(create.error)}
        </p>
      )}
      {create.data && <ShownOnce label={t('token.once')} value={create.data.token} />}
      {query.isPending && <Loading rows={3} />}
      {query.error && <Problem error={query.error} retry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && (
        <Empty title={t('token.empty')}>
          <p>{t('token.emptyHint')}</p>
        </Empty>
      )}
      {query.data && query.data.items.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('field.name')}</th>
              <th scope="col">{t('field.role')}</th>
              <th scope="col">{t('token.created')}</th>
              <th scope="col">
                <span className="visually-hidden">{t('token.revoke')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {query.data.items.map((token) => (
              <tr key={token.id}>
                <td>{token.name}</td>
                <td>{t(`role.${token.role}`)}</td>
                <td>{dateTimeOf(token.createdAt)}</td>
                <td>
                  <Revoke token={token} revoke={(id) => revoke.mutate(id)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Page>
  );
}
