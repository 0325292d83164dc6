import { Button } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { Keycap } from '../parts/Keycap.tsx';
import type { Closing } from './use-closing.ts';

/** The button says what it does. */
function labelOf(t: TFunction, closing: Closing): string {
  const { confirm, draft, parts, active, proposal, unseen } = closing;
  if (confirm === 'new-messages') return t('closing.button.seen', { count: unseen.length });
  if (confirm === 'plan-changed') return t('closing.button.acceptPlan');
  if (confirm === 'second-ticket') return t('closing.button.openAnother');
  if (draft.way === 'none') return t('closing.button.none');
  const opened = parts.filter((part) => !part.append).length;
  const added = parts.length - opened;
  if (parts.length > 1)
    return added === 0
      ? t('closing.button.fileMany', { count: opened })
      : opened === 0
        ? t('closing.button.addMany', { count: added })
        : t('closing.button.mixed', { files: t('closing.button.fileMany', { count: opened }), count: added });
  if (!active.append) return t('closing.button.file');
  const { ticket, after } = active;
  if (!ticket) return t('closing.button.add');
  if (ticket.closed) return t('closing.button.followUp', { number: ticket.number });
  const status = proposal.mapping.statuses.find(({ key }) => key === after);
  if (status?.meaning === 'resolved') return t('closing.button.addResolve', { number: ticket.number });
  if (status) return t('closing.button.addSet', { number: ticket.number, status: status.label });
  return ticket.status.label
    ? t('closing.button.addKeep', { number: ticket.number, status: ticket.status.label })
    : t('closing.button.addTo', { number: ticket.number });
}

/** Disabled only with the reason beside it; reachable even then, so that a screen reader hears the reason. */
export function FileBar({ closing, file }: { closing: Closing; file: () => void }) {
  const { t } = useTranslation();
  const { reason, missing, filing } = closing;
  return (
    <footer className="file-bar">
      <p className="file-reason" id="file-reason" role="status">
        {reason}
        {missing.length > 1 && <span className="file-more"> {t('closing.andMore', { count: missing.length - 1 })}</span>}
      </p>
      <Button
        size="sm"
        data-stop="file"
        loading={filing.isPending}
        {...(reason ? { 'data-disabled': true } : {})}
        aria-disabled={reason ? true : undefined}
        aria-describedby="file-reason"
        aria-keyshortcuts="Control+Enter"
        color={closing.confirm ? 'orange.8' : 'ink'}
        onClick={file}
        rightSection={<Keycap>Ctrl ⏎</Keycap>}
      >
        {labelOf(t, closing)}
      </Button>
    </footer>
  );
}
