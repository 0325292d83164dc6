import { useTranslation } from 'react-i18next';
import type { MessageView } from '../../api/contract.ts';
import { timeOf } from '../parts/format.ts';
import type { Closing } from './use-closing.ts';

/** Left of a message while the dialog is open: its tick box, the colours of its topics, and what becomes of it. */
export function MessageGutter({ message, closing }: { message: MessageView; closing: Closing }) {
  const { t } = useTranslation();
  const { draft, parts, substance, unfiled, ticked, proposal } = closing;
  const { id } = message;
  const gone = message.deletedAt !== null || message.filed.some(({ how }) => how !== 'courtesy');
  const topics = parts.flatMap((part, index) => (part.messages.includes(id) ? [index] : []));
  const courtesy = proposal.courtesies.includes(id);
  const travels = courtesy && !draft.partial && draft.way !== 'none' && topics.length === 0;
  const word =
    gone && message.deletedAt === null
      ? t('filing.already')
      : draft.skipped.includes(id)
        ? t('filing.skipped')
        : unfiled.includes(id)
          ? t('filing.unfiled')
          : travels
            ? t('filing.courtesy')
            : '';
  return (
    <div className="gutter" data-unfiled={unfiled.includes(id) || undefined} data-skipped={draft.skipped.includes(id) || undefined}>
      <input
        type="checkbox"
        checked={ticked.includes(id)}
        disabled={gone || draft.way === 'none'}
        aria-label={t('filing.tick', { name: message.author.name, time: timeOf(message.at), word })}
        onChange={() => closing.tick([id])}
      />
      <span className="stripes">
        {topics.map((topic) => (
          <span key={topic} className="stripe" data-topic={(topic % 8) + 1}>
            {parts.length > 1 ? topic + 1 : ''}
          </span>
        ))}
        {travels && substance.length > 0 && <span className="stripe stripe-courtesy" />}
      </span>
      {word && <span className="gutter-word">{word}</span>}
    </div>
  );
}
