import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ClosingView } from '../../api/contract.ts';
import { call } from '../api/client.ts';
import { TicketLinks } from '../closing/TicketLinks.tsx';
import { dateTimeOf, whenOf } from '../parts/format.ts';
import { tellProblem } from '../parts/problem-text.ts';

export function FiledRow({ closing }: { closing: ClosingView }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { id, title, contact, progress, createdAt, none, tickets, conversation, ends } = closing;
  const held = closing.state === 'held';
  const undo = useMutation({
    mutationFn: () => call('DELETE', `/closings/${id}`),
    onError: tellProblem,
    onSettled: () => {
      for (const key of ['closings', 'closing', 'conversation', 'conversations']) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  /** Held: undone and opened again. Filed: what exists stays, and a new closing adds to it. */
  const correct = async (): Promise<void> => {
    if (held) {
      const undone = await undo.mutateAsync().then(
        () => true,
        () => false,
      );
      if (!undone) return;
      await client.refetchQueries({ queryKey: ['conversation', conversation] });
    }
    await navigate({ to: '/conversations/$id', params: { id: conversation }, search: { end: true, correct: held ? undefined : id } });
  };
  return (
    <li className="delivery" data-state={progress}>
      <div className="delivery-head">
        <h2>{title || (none ? t('filed.none', { reason: t(`closing.none.${none}`) }) : t('closing.untitled'))}</h2>
        <span className="tag" data-state={progress}>
          {t(`filed.progress.${progress}`)}
        </span>
      </div>
      <p className="delivery-facts">
        <Link to="/conversations/$id" params={{ id: conversation }} search={{}}>
          {contact || t('contact.unnamed')}
        </Link>
        <span title={dateTimeOf(createdAt)}>{whenOf(createdAt)}</span>
        {!ends && <span>{t('filed.part')}</span>}
        <TicketLinks tickets={tickets} />
        {progress === 'needs-you' && (
          <Link to="/deliveries" search={{}}>
            {t('filed.see')}
          </Link>
        )}
      </p>
      {progress !== 'undone' && (
        <div className="delivery-actions">
          {held && (
            <Button variant="default" loading={undo.isPending} onClick={() => undo.mutate()}>
              {t('toast.undo')}
            </Button>
          )}
          <Button variant="default" onClick={() => void correct()}>
            {t('toast.correct')}
          </Button>
          {!held && tickets.length > 0 && <span className="field-hint">{t('filed.correctHint')}</span>}
        </div>
      )}
    </li>
  );
}
