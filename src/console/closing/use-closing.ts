/** Everything the closing dialog knows and does, in one place: the panel and the transcript beside it both draw from it. */
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClosingView, ConversationDetail, Preview, Proposal } from '../../api/contract.ts';
import { useMe } from '../app/session.ts';
import { blockedBy, type Draft, decisionOf, type PartDraft, partsOf, secondTicket, tick, toggle, unfiledOf } from './draft.ts';
import { type Missing, textOfMissing } from './plan-text.ts';
import { useDraft } from './use-draft.ts';
import { type EndingHint, useEnding } from './use-ending.ts';
import { useFiling } from './use-filing.ts';
import { type PreviewState, usePreview } from './use-preview.ts';

/** Why one more confirmation is asked for. */
export type Confirm = 'new-messages' | 'plan-changed' | 'second-ticket' | undefined;

export interface Closing {
  readonly conversation: ConversationDetail;
  readonly proposal: Proposal;
  readonly draft: Draft;
  readonly substance: readonly string[];
  readonly parts: readonly PartDraft[];
  readonly active: PartDraft;
  show(key: string): void;
  change(next: (draft: Draft) => Draft): void;
  changePart(key: string, next: (part: PartDraft) => PartDraft): void;
  readonly preview: PreviewState;
  /** The plan before it changed, to show what is different. */
  readonly before: Preview | undefined;
  readonly missing: readonly Missing[];
  readonly unfiled: readonly string[];
  /** Messages that are ticked in the transcript: what a digit files, or all that is filed in part-of-it mode. */
  readonly ticked: readonly string[];
  tick(ids: readonly string[]): void;
  clearTicks(): void;
  readonly unseen: readonly string[];
  readonly confirm: Confirm;
  /** Of `second-ticket`: the one that the chat already is. */
  readonly native: Proposal['candidates'][number] | undefined;
  /** The tickets that exist already, when an earlier closing is being corrected. */
  readonly corrects: ClosingView['tickets'];
  readonly ending: EndingHint;
  readonly filing: ReturnType<typeof useFiling>;
  /** Empty when the button works; else why it does not. */
  readonly reason: string;
  /** Files, or takes the one more confirmation, or points at what is missing. */
  file(): 'filed' | 'confirmed' | 'missing' | 'waiting';
}

export interface ClosingSlot {
  readonly closing: Closing | undefined;
  readonly error: Error | null;
  reload(): void;
}

export function useClosing(options: {
  conversation: ConversationDetail;
  opened: boolean;
  correct: string | undefined;
  onFiled(closing: ClosingView): void;
}): ClosingSlot {
  const { conversation, opened, correct } = options;
  const { t } = useTranslation();
  const me = useMe();
  const ending = useEnding(conversation, me.id, opened);
  const state = useDraft(conversation, opened, ending.mine, correct);
  const { draft, proposal, substance, change, seen, drop } = state;
  const takeOver = async (): Promise<void> => {
    await ending.takeOver();
    state.restart();
  };
  const [shown, show] = useState('p1');
  const [before, setBefore] = useState<Preview>();
  const [another, setAnother] = useState(false);
  const [selected, setSelected] = useState<readonly string[]>([]);
  const filesTicks = draft?.partial === true && draft.way !== 'split';

  const decision = useMemo(() => draft && decisionOf(draft, substance), [draft, substance]);
  const preview = usePreview(conversation.id, decision);
  const filing = useFiling(conversation.id, {
    before: state.flush,
    filed: (closing) => {
      drop();
      options.onFiled(closing);
    },
    planChanged: (plan) => {
      setBefore(preview.preview);
      preview.replace(plan);
    },
  });
  const changePart = useCallback(
    (key: string, next: (part: PartDraft) => PartDraft) =>
      change((old) =>
        old.way === 'split' ? { ...old, parts: old.parts.map((part) => (part.key === key ? next(part) : part)) } : { ...old, single: next(old.single) },
      ),
    [change],
  );
  if (!draft || !proposal) return { closing: undefined, error: state.error, reload: state.reload };

  const parts = partsOf(draft, substance);
  const active = parts.find(({ key }) => key === shown) ?? parts[0] ?? draft.single;
  const blocked = blockedBy(draft, parts);
  const missing: readonly Missing[] = blocked
    ? [{ part: blocked.part, field: blocked.field, label: '', reason: { key: blocked.field === 'none' ? 'reason' : 'ticket', values: {} } }]
    : (preview.preview?.missing ?? []);
  // What the agent wrote here is no news to them.
  const own = new Set(conversation.messageList.filter(({ author }) => author.role === 'agent' && author.id === me.id).map(({ id }) => id));
  const unseen = state.unseen.filter((id) => !own.has(id));
  const native = secondTicket(proposal, parts);
  const confirm: Confirm = unseen.length ? 'new-messages' : before ? 'plan-changed' : native && !another ? 'second-ticket' : undefined;
  const first = missing[0];
  const reason = first
    ? textOfMissing(t, first)
    : preview.error
      ? t('closing.noPreview')
      : !preview.current || state.reading
        ? t('closing.checking')
        : ending.other
          ? t('closing.otherIsEnding', { name: ending.other.agent.name })
          : '';

  const file: Closing['file'] = () => {
    if (filing.isPending) return 'waiting';
    if (missing.length) return 'missing';
    if (reason || !decision || !preview.preview) return 'waiting';
    if (confirm) {
      if (confirm === 'second-ticket') setAnother(true);
      seen();
      setBefore(undefined);
      return 'confirmed';
    }
    filing.mutate({ decision, digest: preview.preview.digest });
    return 'filed';
  };
  return {
    closing: {
      conversation,
      proposal,
      draft,
      substance,
      parts,
      active,
      show,
      change,
      changePart,
      preview,
      before,
      missing,
      unfiled: unfiledOf(draft, substance),
      ticked: filesTicks ? draft.ticked : selected,
      tick: (ids) => (filesTicks ? change((old) => tick(old, ids)) : setSelected((old) => toggle(old, ids))),
      clearTicks: () => setSelected([]),
      unseen,
      confirm,
      native,
      corrects: state.corrects,
      ending: { ...ending, takeOver },
      filing,
      reason,
      file,
    },
    error: state.error,
    reload: state.reload,
  };
}
