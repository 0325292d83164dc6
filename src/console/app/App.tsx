import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { client } from './client.ts';
import { router } from './router.tsx';
import { theme } from './theme.ts';

export function App() {
  const { t } = useTranslation();
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <section aria-label={t('app.notices')}>
          <Notifications withinPortal={false} position="top-right" autoClose={6000} />
        </section>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
