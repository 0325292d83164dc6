import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { isLive, onLiveState } from '../api/live.ts';

/** Says when what is on the screen may be old. */
export function LiveBadge() {
  const { t } = useTranslation();
  const live = useSyncExternalStore(onLiveState, isLive);
  return (
    <div className="live-badge" role="status">
      {live ? '' : t('app.notLive')}
    </div>
  );
}
