import { Button, CloseButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Loading } from '../parts/Loading.tsx';
import { Problem } from '../parts/Problem.tsx';
import { ClosingForm } from './ClosingForm.tsx';
import type { ClosingSlot } from './use-closing.ts';

export function ClosingPanel({ slot, close, peek }: { slot: ClosingSlot; close: () => void; peek: () => void }) {
  const { t } = useTranslation();
  const ended = slot.closing?.conversation.state === 'ended';
  return (
    <section className="closing" role="dialog" aria-modal="false" aria-label={t(ended ? 'closing.titleEnded' : 'closing.title')}>
      <header className="closing-head">
        <h2>{t(ended ? 'closing.titleEnded' : 'closing.title')}</h2>
        <div>
          <Button className="peek-button" size="compact-xs" variant="default" onClick={peek}>
            {t('conversation.transcript')}
          </Button>
          <CloseButton size="sm" aria-label={t('action.close')} aria-keyshortcuts="Escape" onClick={close} />
        </div>
      </header>
      {slot.closing ? (
        <ClosingForm closing={slot.closing} close={close} />
      ) : slot.error ? (
        <Problem error={slot.error} retry={slot.reload} />
      ) : (
        <Loading rows={8} />
      )}
    </section>
  );
}
