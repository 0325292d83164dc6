import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError, call } from '../api/client.ts';
import { invitationQuery } from '../api/queries.ts';
import { Loading } from '../parts/Loading.tsx';
import { Problem } from '../parts/Problem.tsx';
import { problemText } from '../parts/problem-text.ts';
import { enter } from './enter.ts';
import { Gate } from './Gate.tsx';

const minPassword = 10;

export function SetupPage() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const { token } = useParams({ from: '/setup/$token' });
  const invitation = useQuery({ ...invitationQuery(token), staleTime: Number.POSITIVE_INFINITY });
  const join = useMutation({
    mutationFn: async (body: { name: string; email: string; password: string }) => {
      await call('POST', `/setup/${encodeURIComponent(token)}`, { body: { ...body, locale: i18n.language } });
      await enter({ email: body.email, password: body.password });
    },
    onSuccess: () => navigate({ to: '/inbox', search: {}, replace: true }),
  });
  const wrong = (field: string): string | undefined =>
    join.error instanceof ApiError && join.error.problem.errors?.some((one) => one.field === field) ? problemText(join.error) : undefined;
  if (invitation.isPending)
    return (
      <Gate title={t('setup.title')}>
        <Loading rows={3} />
      </Gate>
    );
  if (invitation.error)
    return (
      <Gate title={t('setup.title')}>
        <Problem error={invitation.error} />
      </Gate>
    );
  const { role, name, email } = invitation.data;
  return (
    <Gate title={t('setup.title')} intro={t(role === 'admin' ? 'setup.introAdmin' : 'setup.introAgent')}>
      <form
        className="gate-form"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          join.mutate({ name: String(form.get('name')), email: String(form.get('email')), password: String(form.get('password')) });
        }}
      >
        <TextInput size="sm" name="name" label={t('field.name')} description={t('setup.nameHint')} defaultValue={name} autoComplete="name" required autoFocus />
        <TextInput size="sm" name="email" type="email" label={t('field.email')} defaultValue={email} autoComplete="username" required error={wrong('email')} />
        <PasswordInput
          visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
          name="password"
          label={t('field.password')}
          description={t('setup.passwordHint', { min: minPassword })}
          minLength={minPassword}
          autoComplete="new-password"
          required
          error={wrong('password')}
        />
        <div role="alert" className="form-error">
          {join.error && !wrong('email') && !wrong('password') ? problemText(join.error) : ''}
        </div>
        <Button type="submit" size="sm" fullWidth loading={join.isPending}>
          {t('setup.action')}
        </Button>
      </form>
    </Gate>
  );
}
