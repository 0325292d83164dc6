/** "Ana is ending this": told to the others while the dialog is open, and heard from them. A hint; the server's version check is the guard. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AgentBrief, ConversationDetail } from '../../api/contract.ts';
import { call } from '../api/client.ts';

const stillHereMs = 45_000;
/** After this long without a sign the draft may be taken over. */
export const idleMs = 120_000;

interface Ending {
  readonly agent: AgentBrief;
  readonly since: number;
}

export interface EndingHint {
  /** Someone else, and since when. */
  readonly other: Ending | undefined;
  readonly mine: boolean;
  takeOver(): Promise<void>;
}

export function useEnding(conversation: ConversationDetail, me: string, opened: boolean): EndingHint {
  const { id, ending } = conversation;
  const client = useQueryClient();
  const [holder, setHolder] = useState<Ending>();
  const active = useRef(0);
  const ask = useCallback(
    async (takeOver: boolean): Promise<void> => {
      try {
        setHolder(await call<Ending>('POST', `/conversations/${id}/ending`, { body: { takeOver } }));
      } catch {
        // A hint that cannot be given keeps nobody from working.
        setHolder(undefined);
      }
    },
    [id],
  );
  const mine = opened && (holder === undefined || holder.agent.id === me);
  useEffect(() => {
    if (!opened) return;
    void ask(false);
    return () => {
      setHolder(undefined);
      void call('DELETE', `/conversations/${id}/ending`).catch(() => undefined);
    };
  }, [ask, id, opened]);
  // Mine is kept alive while I do something; of another's, only the news is read, so that nothing is taken over in silence.
  useEffect(() => {
    if (!opened) return;
    const act = (): void => {
      active.current = Date.now();
    };
    act();
    const timer = setInterval(() => {
      if (!mine) void client.invalidateQueries({ queryKey: ['conversation', id] });
      else if (Date.now() - active.current < stillHereMs) void ask(false);
    }, stillHereMs);
    addEventListener('keydown', act);
    addEventListener('pointerdown', act);
    return () => {
      clearInterval(timer);
      removeEventListener('keydown', act);
      removeEventListener('pointerdown', act);
    };
  }, [opened, mine, ask, client, id]);
  const theirs = mine ? undefined : ending && ending.agent.id === holder?.agent.id ? ending : holder;
  const known = opened ? theirs : (ending ?? undefined);
  const other = known && known.agent.id !== me ? known : undefined;
  return { other, mine, takeOver: () => ask(true) };
}
