import { IconMessages } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../parts/Empty.tsx';
import { Keycap } from '../parts/Keycap.tsx';
import { keyOf } from '../parts/keys.ts';

export function NothingChosen() {
  const { t } = useTranslation();
  return (
    <main className="nothing-chosen" id="main">
      <Empty title={t('inbox.nothingChosen')} icon={<IconMessages size={30} stroke={1.3} />}>
        <p>
          <Keycap>{keyOf('next').toUpperCase()}</Keycap> <Keycap>{keyOf('previous').toUpperCase()}</Keycap> {t('inbox.walkHint')}
        </p>
        <p>
          <Keycap>{keyOf('end').toUpperCase()}</Keycap> {t('inbox.endHint')}
        </p>
        <p>
          <Keycap>?</Keycap> {t('inbox.helpHint')}
        </p>
      </Empty>
    </main>
  );
}
