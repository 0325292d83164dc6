import { Button, CloseButton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClosingView } from '../../api/contract.ts';
import { call } from '../api/client.ts';
import { closingQuery } from '../api/queries.ts';
import { useKeys } from '../parts/keys.ts';
import { tellProblem } from '../parts/problem-text.ts';
import { type Filed, forgetFiled } from './recent.ts';
import { TicketLinks } from './TicketLinks.tsx';

const doneShownMs = 12_000;
const slowAfterMs = 8_000;

function useClock(running: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** Undo, now, and correct: each tells honestly when it comes too late. */
function useHoldActions(filed: Filed) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const stale = (): void => {
    for (const key of ['closing', 'closings', 'conversation', 'conversations']) void client.invalidateQueries({ queryKey: [key] });
  };
  const options = { onError: tellProblem, onSettled: stale };
  const undo = useMutation({ mutationFn: () => call('DELETE', `/closings/${filed.closing}`), ...options });
  const now = useMutation({ mutationFn: () => call('POST', `/closings/${filed.closing}/now`, { body: {} }), ...options });
  const correct = async (): Promise<void> => {
    await undo.mutateAsync().then(
      async () => {
        await client.refetchQueries({ queryKey: ['conversation', filed.conversation] });
        forgetFiled(filed.closing);
        await navigate({ to: '/conversations/$id', params: { id: filed.conversation }, search: (old) => ({ ...old, end: true }) });
      },
      () => undefined,
    );
  };
  return { undo, now, correct };
}

function textKey(closing: ClosingView, left: number, slow: boolean): string {
  if (closing.state === 'undone') return 'toast.undone';
  if (closing.state === 'held' && left > 0) return 'toast.filing';
  if (closing.progress === 'needs-you') return 'toast.needsYou';
  if (closing.progress === 'done') return closing.none ? 'toast.doneNone' : 'toast.done';
  return slow ? 'toast.waiting' : 'toast.underWay';
}

export function HoldToast({ filed, newest }: { filed: Filed; newest: boolean }) {
  const { t } = useTranslation();
  const [hovered, hover] = useState(false);
  const { data: closing, isError } = useQuery({
    ...closingQuery(filed.closing),
    refetchInterval: ({ state }) => (state.data?.progress === 'done' || state.data?.progress === 'undone' ? false : 4_000),
  });
  const over = closing?.progress === 'done' || closing?.progress === 'undone';
  const now = useClock(!over);
  const { undo, now: atOnce, correct } = useHoldActions(filed);
  const left = Math.ceil((filed.until - now) / 1000);
  const held = closing?.state === 'held' && left > 0;
  useKeys({ undo: () => undo.mutate() }, newest && held);
  useEffect(() => {
    if (!(over || isError) || hovered) return;
    const timer = setTimeout(() => forgetFiled(filed.closing), doneShownMs);
    return () => clearTimeout(timer);
  }, [over, isError, hovered, filed.closing]);
  if (!closing) return null;
  const key = textKey(closing, left, now - filed.until > slowAfterMs);
  return (
    <section
      className="toast"
      data-state={key.slice(6)}
      aria-label={filed.title || closing.contact || t('contact.unnamed')}
      onMouseEnter={() => hover(true)}
      onMouseLeave={() => hover(false)}
      onFocus={() => hover(true)}
      onBlur={() => hover(false)}
    >
      <div role="status" className="toast-text">
        <b>{t(key)}</b> {held && <span aria-hidden>{t('toast.seconds', { count: left })}</span>}
        <span className="toast-title">{[closing.contact, filed.title].filter(Boolean).join(': ')}</span>
        <TicketLinks tickets={closing.tickets} />
      </div>
      <div className="toast-actions">
        {held && (
          <>
            <Button size="compact-xs" variant="white" color="dark" loading={undo.isPending} onClick={() => undo.mutate()} aria-keyshortcuts="z">
              {t('toast.undo')}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray.3" onClick={() => void correct()}>
              {t('toast.correct')}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray.3" loading={atOnce.isPending} onClick={() => atOnce.mutate()}>
              {t('toast.now')}
            </Button>
          </>
        )}
        {key === 'toast.undone' && (
          <Link
            to="/conversations/$id"
            params={{ id: filed.conversation }}
            search={(old) => ({ ...old, end: true })}
            onClick={() => forgetFiled(filed.closing)}
          >
            {t('toast.reopen')}
          </Link>
        )}
        {key === 'toast.needsYou' && (
          <Link to="/deliveries" search={{}}>
            {t('nav.deliveries')}
          </Link>
        )}
        {!held && (
          <CloseButton
            className="toast-close"
            size="xs"
            variant="transparent"
            c="gray.3"
            aria-label={t('action.dismiss')}
            onClick={() => forgetFiled(filed.closing)}
          />
        )}
      </div>
    </section>
  );
}
