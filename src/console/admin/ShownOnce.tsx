import { Button, CopyButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** A secret that the server keeps as a hash only: it can be read here and now, and never again. */
export function ShownOnce({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation();
  return (
    <div className="shown-once" role="status">
      <p>{label}</p>
      <div>
        <code>{value}</code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? 'action.copied' : 'action.copy')}
            </Button>
          )}
        </CopyButton>
      </div>
    </div>
  );
}
