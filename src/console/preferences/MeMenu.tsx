import { type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { meQuery } from '../api/queries.ts';
import { leave } from '../app/enter.ts';
import { useMe } from '../app/session.ts';
import { type Language, languages, switchLanguage } from '../i18n.ts';
import { tellProblem } from '../parts/problem-text.ts';
import { prefer, usePreferences } from './preferences.ts';

const schemes = ['auto', 'light', 'dark'] as const;

export function MeMenu({ showKeys }: { showKeys: () => void }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { goOn } = usePreferences();
  const speak = useMutation({
    mutationFn: async (locale: Language) => {
      await switchLanguage(locale);
      await call('PUT', '/me', { body: { locale } });
      client.setQueryData(meQuery.queryKey, (old) => old && { ...old, locale });
    },
    onError: tellProblem,
  });
  const out = async (): Promise<void> => {
    await leave().catch(tellProblem);
    await navigate({ to: '/sign-in', search: {} });
  };
  return (
    <Menu position="top-start" width={230} shadow="md" alignItemsLabels="all" withinPortal={false} withInitialFocusPlaceholder={false} closeOnItemClick={false}>
      <Menu.Target>
        <button type="button" className="me-button" aria-label={t('settings.menu', { name: me.name })}>
          <span className="avatar" aria-hidden>
            {me.name.slice(0, 1).toUpperCase()}
          </span>
          <span className="nav-label">{me.name}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={i18n.language} onChange={(code) => speak.mutate(code as Language)}>
          <Menu.Label c="var(--text-2)">{t('settings.language')}</Menu.Label>
          {(Object.entries(languages) as [Language, string][]).map(([code, name]) => (
            <Menu.RadioItem key={code} value={code} lang={code}>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}>
          <Menu.Label c="var(--text-2)">{t('settings.colours')}</Menu.Label>
          {schemes.map((scheme) => (
            <Menu.RadioItem key={scheme} value={scheme}>
              {t(`settings.colour.${scheme}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.CheckboxItem checked={goOn} onChange={() => prefer({ goOn: !goOn })}>
          {t('settings.goOn')}
        </Menu.CheckboxItem>
        <Menu.Item closeMenuOnClick onClick={showKeys}>
          {t('keys.title')}
        </Menu.Item>
        <Menu.Item closeMenuOnClick onClick={() => void out()}>
          {t('settings.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
