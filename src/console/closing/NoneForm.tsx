import { useTranslation } from 'react-i18next';
import { type NoneReason, noneReasons } from './draft.ts';
import { RadioRow } from './RadioRow.tsx';
import type { Closing } from './use-closing.ts';

export function NoneForm({ closing, accept }: { closing: Closing; accept: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <RadioRow
        legend={t('closing.none.why')}
        name="none"
        stop="none"
        choices={noneReasons.map((value) => ({ value, label: t(`closing.none.${value}`) }))}
        value={closing.draft.none}
        pick={(none) => closing.change((draft) => ({ ...draft, none: none as NoneReason }))}
        accept={accept}
      />
      <p className="field-hint">{t('closing.none.hint')}</p>
    </>
  );
}
