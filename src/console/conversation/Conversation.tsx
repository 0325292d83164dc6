import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ConversationDetail } from '../../api/contract.ts';
import { ClosingPanel } from '../closing/ClosingPanel.tsx';
import { useClosing } from '../closing/use-closing.ts';
import { useJump } from '../inbox/use-list.ts';
import { useKeys } from '../parts/keys.ts';
import { preferences } from '../preferences/preferences.ts';
import { Composer, type ComposerHandle } from './Composer.tsx';
import { ConversationHead } from './ConversationHead.tsx';
import { CustomerTyping } from './CustomerTyping.tsx';
import { Transcript } from './Transcript.tsx';
import { useAssign } from './use-assign.ts';

export function Conversation({ conversation }: { conversation: ConversationDetail }) {
  const navigate = useNavigate();
  const { end = false, correct } = useSearch({ from: '/shell/mail/conversations/$id' });
  const jump = useJump(conversation.id);
  const assign = useAssign(conversation);
  const composer = useRef<ComposerHandle>(null);
  const endButton = useRef<HTMLButtonElement>(null);
  const open = useCallback(
    (shown: boolean) => {
      void navigate({ to: '.', search: (old) => ({ ...old, end: shown || undefined, correct: undefined }), replace: true });
      if (!shown) requestAnimationFrame(() => endButton.current?.focus());
    },
    [navigate],
  );
  // On a phone the panel covers the messages; this lets them be seen and ticked.
  const [peeking, peek] = useState(false);
  useEffect(() => {
    if (!end) peek(false);
  }, [end]);
  const slot = useClosing({
    conversation,
    opened: end,
    correct,
    onFiled: () => {
      open(false);
      if (preferences().goOn) jump(1);
    },
  });
  useKeys(
    {
      next: () => jump(1),
      previous: () => jump(-1),
      end: () => open(true),
      reply: () => composer.current?.start('public'),
      note: () => composer.current?.start('internal'),
      assign: () => assign.toMe(),
      back: () => void navigate({ to: '/inbox', search: (old) => ({ view: old.view, assignee: old.assignee, words: old.words }) }),
    },
    !end,
  );
  return (
    <main className="conversation" id="main" data-closing={end || undefined} data-peek={peeking || undefined}>
      <div className="conversation-main">
        <ConversationHead conversation={conversation} assign={assign} endButton={endButton} end={() => open(!end)} ending={end} />
        <Transcript conversation={conversation} closing={end ? slot.closing : undefined} unpeek={() => peek(false)} />
        <CustomerTyping conversation={conversation.id} written={conversation.messageList.findLast(({ author }) => author.role === 'contact')?.id} />
        <Composer ref={composer} conversation={conversation} folded={end} />
      </div>
      {end && <ClosingPanel slot={slot} close={() => open(false)} peek={() => peek(true)} />}
    </main>
  );
}
