import { Menu, useMantineColorScheme } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
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
  const mark = (on: boolean) => (on ? <IconCheck size={14} aria-hidden /> : <span className="menu-gap" />);
  const out = async (): Promise<void> => {
    await leave().catch(tellProblem);
    await navigate({ to: '/sign-in', search: {} });
  };
  return (
    <Menu position="top-start" width={230} shadow="md" closeOnItemClick={false}>
      <Menu.Target>
        <button type="button" className="me-button" aria-label={t('settings.menu', { name: me.name })}>
          <span className="avatar" aria-hidden>
            {me.name.slice(0, 1).toUpperCase()}
          </span>
          <span className="nav-label">{me.name}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('settings.language')}</Menu.Label>
        {(Object.entries(languages) as [Language, string][]).map(([code, name]) => (
          <Menu.Item
            key={code}
            lang={code}
            role="menuitemradio"
            aria-checked={i18n.language === code}
            leftSection={mark(i18n.language === code)}
            onClick={() => speak.mutate(code)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t('settings.colours')}</Menu.Label>
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            leftSection={mark(colorScheme === scheme)}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`settings.colour.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item role="menuitemcheckbox" aria-checked={goOn} leftSection={mark(goOn)} onClick={() => prefer({ goOn: !goOn })}>
          {t('settings.goOn')}
        </Menu.Item>
        <Menu.Item leftSection={mark(false)} closeMenuOnClick onClick={showKeys}>
          {t('keys.title')}
        </Menu.Item>
        <Menu.Item leftSection={mark(false)} closeMenuOnClick onClick={() => void out()}>
          {t('settings.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
