import { CloseButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Loading } from '../parts/Loading.tsx';
import { Problem } from '../parts/Problem.tsx';
import { ClosingForm } from './ClosingForm.tsx';
import type { ClosingSlot } from './use-closing.ts';

export function ClosingPanel({ slot, close }: { slot: ClosingSlot; close: () => void }) {
  const { t } = useTranslation();
  const ended = slot.closing?.conversation.state === 'ended';
  return (
    <section className="closing" role="dialog" aria-modal="false" aria-label={t(ended ? 'closing.titleEnded' : 'closing.title')}>
      <header className="closing-head">
        <h2>{t(ended ? 'closing.titleEnded' : 'closing.title')}</h2>
        <CloseButton size="sm" aria-label={t('action.close')} aria-keyshortcuts="Escape" onClick={close} />
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
