import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '../parts/Empty.tsx';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <main className="page" id="main">
      <Empty title={t('app.notFound')}>
        <Link to="/inbox" search={{}}>
          {t('nav.inbox')}
        </Link>
      </Empty>
    </main>
  );
}
