import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { agentsQuery } from '../api/queries.ts';
import { useMe } from '../app/session.ts';
import { Loading } from '../parts/Loading.tsx';
import { Page } from '../parts/Page.tsx';
import { Problem } from '../parts/Problem.tsx';
import { problemText, tellProblem } from '../parts/problem-text.ts';
import { ShownOnce } from './ShownOnce.tsx';

export function AgentsPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(agentsQuery);
  const invite = useMutation({
    mutationFn: (body: { name: string; email: string; role: string }) => call<{ link: string }>('POST', '/agents', { body }),
    onSettled: () => client.invalidateQueries({ queryKey: ['agents'] }),
  });
  const me = useMe();
  const change = useMutation({
    mutationFn: ({ id, disabled }: { id: string; disabled: boolean }) => call('PUT', `/agents/${id}`, { body: { disabled } }),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: ['agents'] }),
  });
  return (
    <Page title={t('nav.agents')}>
      <form
        className="inline-form"
        aria-label={t('agent.invite')}
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          invite.mutate({ name: String(form.get('name')), email: String(form.get('email')), role: String(form.get('role')) });
        }}
      >
        <TextInput name="name" label={t('field.name')} required withAsterisk={false} />
        <TextInput name="email" type="email" label={t('field.email')} required withAsterisk={false} />
        <NativeSelect
          name="role"
          label={t('field.role')}
          data={[
            { value: 'agent', label: t('role.agent') },
            { value: 'admin', label: t('role.admin') },
          ]}
        />
        <Button type="submit" loading={invite.isPending}>
          {t('agent.invite')}
        </Button>
      </form>
      {invite.error && (
        <p className="form-error" role="alert">
          {problemText(invite.error)}
        </p>
      )}
      {invite.data && <ShownOnce label={t('agent.linkOnce')} value={invite.data.link} />}
      {query.isPending && <Loading rows={3} />}
      {query.error && <Problem error={query.error} retry={() => void query.refetch()} />}
      {query.data && (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('field.name')}</th>
              <th scope="col">{t('field.email')}</th>
              <th scope="col">{t('field.role')}</th>
              <th scope="col">{t('agent.state')}</th>
            </tr>
          </thead>
          <tbody>
            {query.data.items.map(({ id, name, email, role, disabled }) => (
              <tr key={id}>
                <td>{name}</td>
                <td>{email}</td>
                <td>{t(`role.${role}`)}</td>
                <td>
                  {disabled && <span className="tag">{t('agent.disabled')}</span>}{' '}
                  {id !== me.id && (
                    <Button size="compact-xs" variant="default" onClick={() => change.mutate({ id, disabled: !disabled })}>
                      {t(disabled ? 'agent.enable' : 'agent.disable')}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Page>
  );
}
