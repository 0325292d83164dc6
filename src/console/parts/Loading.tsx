import { Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function Loading({ rows = 6 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div className="loading" role="status" aria-label={t('app.loading')}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike.
        <Skeleton key={index} height={14} radius="xs" width={`${88 - ((index * 17) % 40)}%`} />
      ))}
    </div>
  );
}
