import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, onSignedOut } from '../api/client.ts';
import { startLive } from '../api/live.ts';
import { meQuery } from '../api/queries.ts';
import { HoldToasts } from '../closing/HoldToasts.tsx';
import { type Language, languages, switchLanguage } from '../i18n.ts';
import { Reminders } from '../inbox/Reminders.tsx';
import { useKeys } from '../parts/keys.ts';
import { Loading } from '../parts/Loading.tsx';
import { Problem } from '../parts/Problem.tsx';
import { KeysDialog } from '../preferences/KeysDialog.tsx';
import { LiveBadge } from './LiveBadge.tsx';
import { Nav } from './Nav.tsx';
import { MeContext } from './session.ts';

/** Waits for the agent, keeps the page live, and leads to the sign-in when the session is gone. */
export function Shell() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const me = useQuery(meQuery);
  const [keysShown, showKeys] = useState(false);
  const closingIsOpen = useRouterState({ select: (state) => (state.location.search as { end?: boolean }).end === true });
  const signedIn = me.data !== undefined;

  useEffect(() => (signedIn ? startLive(client) : undefined), [client, signedIn]);
  useEffect(
    () =>
      onSignedOut(() => {
        client.removeQueries({ queryKey: ['me'] });
        void navigate({ to: '/sign-in', search: { to: location.pathname + location.search }, replace: true });
      }),
    [client, navigate],
  );
  const locale = me.data?.locale;
  useEffect(() => {
    if (locale && locale in languages && locale !== i18n.language) void switchLanguage(locale as Language);
  }, [locale, i18n]);
  useKeys({ help: () => showKeys(true) });

  if (!me.data) {
    const gone = me.error instanceof ApiError && me.error.status === 401;
    return <div className="boot">{me.error && !gone ? <Problem error={me.error} retry={() => void me.refetch()} /> : <Loading rows={3} />}</div>;
  }
  return (
    <MeContext value={me.data}>
      <a className="skip-link" href="#main">
        {t('nav.skip')}
      </a>
      <div className="shell" data-closing={closingIsOpen || undefined}>
        <Nav showKeys={() => showKeys(true)} />
        <Outlet />
      </div>
      <LiveBadge />
      <HoldToasts />
      <Reminders />
      <KeysDialog opened={keysShown} close={() => showKeys(false)} />
    </MeContext>
  );
}
