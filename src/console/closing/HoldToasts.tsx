import { useTranslation } from 'react-i18next';
import { HoldToast } from './HoldToast.tsx';
import { useFiled } from './recent.ts';

/** What was filed a moment ago, above everything, until it is a ticket. */
export function HoldToasts() {
  const { t } = useTranslation();
  const filed = useFiled();
  return (
    <section className="toasts" aria-label={t('toast.label')}>
      {filed.map((one, index) => (
        <HoldToast key={one.closing} filed={one} newest={index === filed.length - 1} />
      ))}
    </section>
  );
}
