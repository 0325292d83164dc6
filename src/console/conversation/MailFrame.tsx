import { useTranslation } from 'react-i18next';
import type { MessageView } from '../../api/contract.ts';

const lineHeight = 18;
const charactersALine = 80;

/** A guess from the text, fixed before it loads: the frame runs no script that could tell its height, and nothing jumps. */
function heightFor({ text, quoted }: MessageView): number {
  const lines = `${text}\n${quoted ?? ''}`.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / charactersALine)), 0);
  return Math.min(420, Math.max(110, 40 + lines * lineHeight));
}

/** A stranger's mail: in a frame that may do nothing at all. */
export function MailFrame({ message }: { message: MessageView }) {
  const { t } = useTranslation();
  return (
    <iframe
      className="mail-frame"
      sandbox=""
      loading="lazy"
      referrerPolicy="no-referrer"
      title={t('message.mailFrom', { name: message.author.name })}
      src={message.html ?? `/api/messages/${message.id}/html`}
      style={{ height: heightFor(message) }}
    />
  );
}
