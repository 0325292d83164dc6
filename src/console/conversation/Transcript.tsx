import { Fragment, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationDetail } from '../../api/contract.ts';
import { FilingBar } from '../closing/FilingBar.tsx';
import type { Closing } from '../closing/use-closing.ts';
import { useTranscriptKeys } from '../closing/use-transcript-keys.ts';
import { dayOf, sameDay } from '../parts/format.ts';
import { MessageItem } from './MessageItem.tsx';
import { NewMessages } from './NewMessages.tsx';
import { OutgoingItem } from './OutgoingItem.tsx';
import { useOutbox } from './outbox.ts';

const nearEndPx = 120;

/** Stays at the end while somebody reads there, and where they are while they read above. */
function useStickToEnd(count: number) {
  const scroller = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new message is a reason to follow.
  useEffect(() => {
    const element = scroller.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [count]);
  const onScroll = (): void => {
    const element = scroller.current;
    if (element) atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEndPx;
  };
  return { scroller, onScroll };
}

export function Transcript({ conversation, closing, unpeek }: { conversation: ConversationDetail; closing: Closing | undefined; unpeek: () => void }) {
  const { t } = useTranslation();
  const outgoing = useOutbox(conversation.id).filter(({ reply }) => !conversation.messageList.some(({ id }) => id === reply.id));
  const { scroller, onScroll } = useStickToEnd(conversation.messageList.length + outgoing.length);
  const list = useRef<HTMLOListElement>(null);
  useTranscriptKeys(list, closing);
  return (
    <>
      {/* A scrolling region must be reachable by keyboard. */}
      <section className="transcript" ref={scroller} onScroll={onScroll} tabIndex={closing ? -1 : 0} aria-label={t('conversation.transcript')}>
        <ol ref={list} data-filing={closing ? true : undefined}>
          {conversation.messageList.map((message, index) => {
            const before = conversation.messageList[index - 1];
            return (
              <Fragment key={message.id}>
                {(!before || !sameDay(before.at, message.at)) && (
                  <li className="day">
                    <span>{dayOf(message.at)}</span>
                  </li>
                )}
                <MessageItem
                  message={message}
                  closing={closing}
                  follows={
                    before !== undefined &&
                    before.author.id === message.author.id &&
                    before.kind === message.kind &&
                    message.at - before.at < 300_000 &&
                    sameDay(before.at, message.at)
                  }
                />
              </Fragment>
            );
          })}
          {outgoing.map((one) => (
            <OutgoingItem key={one.reply.id} outgoing={one} />
          ))}
        </ol>
        {conversation.messageList.length === 0 && outgoing.length === 0 && <p className="empty-text">{t('conversation.empty')}</p>}
      </section>
      <NewMessages messages={conversation.messageList} />
      {closing && <FilingBar closing={closing} unpeek={unpeek} />}
    </>
  );
}
