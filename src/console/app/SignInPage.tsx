import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import { problemText } from '../parts/problem-text.ts';
import { enter } from './enter.ts';
import { Gate } from './Gate.tsx';

/** Only our own paths: an address in the query must not lead away. */
const ownPath = (to: string | undefined): string => (to?.startsWith('/') && !to.startsWith('//') && !to.includes('\\') ? to : '/inbox');

export function SignInPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { to } = useSearch({ from: '/sign-in' });
  const signIn = useMutation({
    mutationFn: enter,
    onSuccess: () => navigate({ href: ownPath(to), replace: true }),
  });
  const error = signIn.error && (signIn.error instanceof ApiError && signIn.error.status === 401 ? t('signIn.wrong') : problemText(signIn.error));
  return (
    <Gate title={t('signIn.title')}>
      <form
        className="gate-form"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          signIn.mutate({ email: String(form.get('email')), password: String(form.get('password')) });
        }}
      >
        <TextInput size="sm" name="email" type="email" label={t('field.email')} autoComplete="username" required autoFocus withAsterisk={false} />
        <PasswordInput
          visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
          name="password"
          label={t('field.password')}
          autoComplete="current-password"
          required
          withAsterisk={false}
        />
        <div role="alert" className="form-error">
          {error}
        </div>
        <Button type="submit" size="sm" fullWidth loading={signIn.isPending}>
          {t('signIn.action')}
        </Button>
      </form>
    </Gate>
  );
}
