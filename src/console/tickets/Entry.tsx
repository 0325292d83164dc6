import { IconFile, IconLock, IconMessage } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { TicketEntryView } from '../api/shapes.ts';
import { dateTimeOf, sizeOf } from '../parts/format.ts';
import { textOfHtml } from './html-text.ts';

export function Entry({ entry }: { entry: TicketEntryView }) {
  const { t } = useTranslation();
  const note = entry.kind === 'note';
  return (
    <li className="entry" data-look={note ? 'internal' : 'out'}>
      <p className="message-head">
        <span className="message-author">{entry.author}</span>
        <time dateTime={new Date(entry.at).toISOString()}>{dateTimeOf(entry.at)}</time>
        <span className={note ? 'internal-mark' : 'public-mark'}>
          {note ? <IconLock size={12} aria-hidden /> : <IconMessage size={12} aria-hidden />}
          {t(note ? 'message.internal' : 'ticket.publicReply')}
        </span>
      </p>
      <p className="message-text">{textOfHtml(entry.html)}</p>
      {entry.files.map((file) => (
        <span key={file.name} className="file">
          <IconFile size={15} aria-hidden />
          <span className="file-name">{file.name}</span>
          {file.size !== null && <span className="file-facts">{sizeOf(file.size)}</span>}
        </span>
      ))}
    </li>
  );
}
