/** The draft of a conversation's closing: proposed, restored, kept on the server as it changes. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ClosingView, ConversationDetail, Proposal } from '../../api/contract.ts';
import { call } from '../api/client.ts';
import { closingQuery, conversationQuery, proposalQuery } from '../api/queries.ts';
import { asTicketChoice, type Draft, draftOf, restoreDraft, substanceOf, takeIn } from './draft.ts';

const keepAfterMs = 600;

export interface DraftState {
  readonly proposal: Proposal | undefined;
  readonly draft: Draft | undefined;
  readonly substance: readonly string[];
  readonly error: Error | null;
  readonly corrects: ClosingView['tickets'];
  /** Messages that came since the draft was last looked at; each asks for one more confirmation. */
  readonly unseen: readonly string[];
  seen(): void;
  change(next: (draft: Draft) => Draft): void;
  /** Before filing: undo brings back what the server has, so it must have the last word typed. */
  flush(): Promise<void>;
  /** After filing: nothing is kept any more. */
  drop(): void;
  /** Begins with the draft as the server has it now. */
  restart(): void;
  /** The proposal is being read anew: what is shown may be about to change. */
  readonly reading: boolean;
  reload(): void;
}

/** Filed already: what is corrected is added to the ticket that it made. */
function correcting(draft: Draft, closing: ClosingView | undefined, proposal: Proposal): Draft {
  const made = closing?.tickets[0];
  if (!made) return draft;
  const known = proposal.candidates.find(({ helpdesk, id }) => helpdesk === made.helpdesk && id === made.id);
  const status = { id: '', label: '', meaning: '' };
  const ticket = known
    ? asTicketChoice(known, known.closed)
    : { helpdesk: made.helpdesk, id: made.id, number: made.number, subject: closing.title, status, closed: false };
  return { ...draft, way: 'append', single: { ...draft.single, append: true, ticket } };
}

interface Kept {
  /** What waits is kept at once; resolves when the server has it, or cannot have it. */
  flush(): Promise<void>;
  /** What waits is not kept any more. */
  release(): void;
}

function useKept(conversation: string, draft: Draft | undefined, changed: boolean, mine: boolean): Kept {
  const waiting = useRef<(() => void) | undefined>(undefined);
  const underWay = useRef<Promise<void>>(Promise.resolve());
  useEffect(() => {
    // Closing the dialog keeps what was typed in the last moment.
    if (!draft) return waiting.current?.();
    if (!changed || !mine) return;
    const keep = (): void => {
      clearTimeout(timer);
      waiting.current = undefined;
      underWay.current = call<void>('PUT', `/conversations/${conversation}/draft`, { body: { draft } }).catch(() => undefined);
    };
    const timer = setTimeout(keep, keepAfterMs);
    waiting.current = keep;
    return () => clearTimeout(timer);
  }, [conversation, draft, changed, mine]);
  useEffect(() => () => waiting.current?.(), []);
  return useMemo(
    () => ({
      flush: () => {
        waiting.current?.();
        return underWay.current;
      },
      release: () => {
        waiting.current = undefined;
      },
    }),
    [],
  );
}

/** What came after the message that was looked at last. */
function after(conversation: ConversationDetail, message: string): readonly string[] {
  const ids = conversation.messageList.map(({ id }) => id);
  const at = ids.indexOf(message);
  return at < 0 ? [] : ids.slice(at + 1);
}

export function useDraft(conversation: ConversationDetail, opened: boolean, mine: boolean, correct: string | undefined): DraftState {
  // Each opening asks anew: what was proposed before the last filing is not true any more.
  const [opening, setOpening] = useState(0);
  const client = useQueryClient();
  const asked = useQuery({
    ...proposalQuery(conversation.id, opening),
    // A draft that somebody else kept a moment ago is told by no event, so the conversation is read anew as well.
    queryFn: async ({ signal }) => {
      await client.fetchQuery({ ...conversationQuery(conversation.id), staleTime: 0 });
      return call<Proposal>('GET', `/conversations/${conversation.id}/proposal`, { signal });
    },
    enabled: opened,
  });
  const corrected = useQuery({ ...closingQuery(correct ?? ''), enabled: opened && correct !== undefined });
  const [draft, setDraft] = useState<Draft>();
  const [changed, setChanged] = useState(false);
  const proposal = opened ? asked.data : undefined;
  const last = conversation.messageList.at(-1)?.id ?? '';
  const { flush, release } = useKept(conversation.id, draft, changed, mine);
  const ready = correct === undefined || corrected.data !== undefined || corrected.isError;

  useEffect(() => {
    if (opened) return;
    setOpening((value) => value + 1);
    setDraft(undefined);
    setChanged(false);
  }, [opened]);

  useEffect(() => {
    if (!proposal || !ready || draft?.covers === proposal.covers) return;
    const base = draft ?? (correct ? undefined : restoreDraft(conversation.draft));
    if (!base) return setDraft(correcting(draftOf(proposal), corrected.data, proposal));
    const fresh = after(conversation, base.covers);
    setDraft(takeIn(base, proposal, fresh));
  }, [proposal, ready, draft, correct, corrected.data, conversation]);

  // The proposal is asked anew whenever the conversation has grown past it.
  const { refetch } = asked;
  useEffect(() => {
    if (proposal && last !== proposal.covers) void refetch();
  }, [proposal, last, refetch]);

  return {
    proposal,
    draft: opened ? draft : undefined,
    substance: useMemo(() => (proposal ? substanceOf(proposal) : []), [proposal]),
    error: asked.error,
    corrects: corrected.data?.tickets ?? [],
    unseen: draft ? after(conversation, draft.seen) : [],
    seen: useCallback(() => setDraft((old) => old && { ...old, seen: old.covers }), []),
    change: useCallback((next) => {
      setChanged(true);
      setDraft((old) => old && next(old));
    }, []),
    flush,
    drop: useCallback(() => {
      release();
      setChanged(false);
      setDraft(undefined);
    }, [release]),
    restart: useCallback(() => {
      release();
      setChanged(false);
      setDraft(undefined);
      setOpening((value) => value + 1);
    }, [release]),
    reading: asked.isFetching,
    reload: useCallback(() => void refetch(), [refetch]),
  };
}
