import { IconLock, IconPencil } from '@tabler/icons-react';
import { memo, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageView } from '../../api/contract.ts';
import { MessageGutter } from '../closing/MessageGutter.tsx';
import type { Closing } from '../closing/use-closing.ts';
import { dateTimeOf, timeOf } from '../parts/format.ts';
import { usePreferences } from '../preferences/preferences.ts';
import { Joined, Stranger } from './Joined.tsx';
import { MailFrame } from './MailFrame.tsx';
import { MessageFiles } from './MessageFiles.tsx';
import { Sending } from './Sending.tsx';

/** The look follows from who sees it and who wrote it: an internal note can't be mistaken for a reply. */
export function lookOf({ kind, direction, author }: Pick<MessageView, 'kind' | 'direction'> & { author: { role: string } }): string {
  if (kind === 'internal') return 'internal';
  if (author.role === 'bot' || author.role === 'system') return 'machine';
  return direction;
}

function Quoted({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <details className="quoted">
      <summary>{t('message.quoted')}</summary>
      <blockquote>{text}</blockquote>
    </details>
  );
}

function Body({ message, plain }: { message: MessageView; plain: boolean }) {
  const { t } = useTranslation();
  const { formattedMail } = usePreferences();
  const [own, setOwn] = useState<boolean>();
  const formatted = message.html !== null && !message.deletedAt && (own ?? (formattedMail && !plain));
  if (message.deletedAt) return <p className="message-deleted">{message.text ? <s>{message.text}</s> : t('message.deletedText')}</p>;
  return (
    <>
      {message.subject && <p className="message-subject">{message.subject}</p>}
      {formatted ? <MailFrame message={message} /> : message.text && <p className="message-text">{message.text}</p>}
      {!formatted && message.quoted && <Quoted text={message.quoted} />}
      {message.html !== null && (
        <button type="button" className="link-button" onClick={() => setOwn(!formatted)}>
          {t(formatted ? 'message.asText' : 'message.asMail')}
        </button>
      )}
      <MessageFiles message={message} />
    </>
  );
}

function Marks({ message }: { message: MessageView }) {
  const { t } = useTranslation();
  const marks: ReactNode[] = [];
  if (message.kind === 'internal')
    marks.push(
      <span key="internal" className="internal-mark">
        <IconLock size={12} aria-hidden />
        {t('message.internal')}
      </span>,
    );
  if (message.automatic) marks.push(<span key="automatic">{t(`message.automatic.${message.automatic}`)}</span>);
  if (message.editedAt && !message.deletedAt)
    marks.push(
      <span key="edited" title={dateTimeOf(message.editedAt)}>
        <IconPencil size={11} aria-hidden /> {t('message.edited')}
      </span>,
    );
  if (message.deletedAt)
    marks.push(
      <span key="deleted" title={dateTimeOf(message.deletedAt)}>
        {t('message.deleted')}
      </span>,
    );
  return <>{marks}</>;
}

function Reactions({ message: { reactions } }: { message: MessageView }) {
  const { t } = useTranslation();
  if (reactions.length === 0) return null;
  return (
    <ul className="reactions" aria-label={t('message.reactions')}>
      {reactions.map(({ emoji, names }) => {
        const who = names.map((name) => name || t('contact.unnamed')).join(', ');
        return (
          <li key={emoji} title={who}>
            <span aria-hidden>
              {emoji}
              {names.length > 1 && ` ${names.length}`}
            </span>
            <span className="visually-hidden">{t('message.reaction', { emoji, who })}</span>
          </li>
        );
      })}
    </ul>
  );
}

export const MessageItem = memo(function MessageItem({ message, closing, follows }: { message: MessageView; closing: Closing | undefined; follows: boolean }) {
  const { t } = useTranslation();
  const look = lookOf(message);
  return (
    <li className="message" data-look={look} data-follows={follows || undefined} data-message={message.id} data-filed={message.filed.length > 0 || undefined}>
      {closing && <MessageGutter message={message} closing={closing} />}
      <div className="bubble">
        <p className="message-head">
          <span className="message-author">{message.author.name || t('contact.unnamed')}</span>
          <time dateTime={new Date(message.at).toISOString()} title={dateTimeOf(message.at)}>
            {timeOf(message.at)}
          </time>
          <Marks message={message} />
        </p>
        <Stranger joined={message.joined} />
        <Body message={message} plain={closing !== undefined} />
        <Joined joined={message.joined} />
        <Reactions message={message} />
        <Sending message={message} />
      </div>
    </li>
  );
});
