import { Outlet } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '../parts/Empty.tsx';
import { useMe } from './session.ts';

/** The server refuses too; here the refusal is told in words. */
export function AdminOnly() {
  const { t } = useTranslation();
  if (useMe().role === 'admin') return <Outlet />;
  return (
    <main className="page" id="main">
      <Empty title={t('problem.forbidden')} />
    </main>
  );
}
