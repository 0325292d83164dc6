import { Alert, Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { problemText } from './problem-text.ts';

export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="red" variant="light" role="alert" className="problem" title={problemText(error)}>
      {retry && (
        <Button size="compact-xs" variant="white" color="red" onClick={retry}>
          {t('action.tryAgain')}
        </Button>
      )}
    </Alert>
  );
}
