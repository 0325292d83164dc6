import { CloseButton, Loader } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { sizeOf } from '../parts/format.ts';
import { problemText } from '../parts/problem-text.ts';
import type { useAttachments } from './use-attachments.ts';

export function AttachmentChips({ attachments }: { attachments: ReturnType<typeof useAttachments> }) {
  const { t } = useTranslation();
  if (attachments.list.length === 0) return null;
  return (
    <ul className="attachments" aria-label={t('composer.files')}>
      {attachments.list.map((one) => (
        <li key={one.id} className="file" data-state={one.state}>
          <span className="file-name">{one.file.name}</span>
          <span className="file-facts">{sizeOf(one.file.size)}</span>
          {one.state === 'loading' && <Loader size={12} aria-label={t('file.uploading')} />}
          {one.state === 'failed' && (
            <button type="button" className="link-button" onClick={() => attachments.again(one)}>
              {problemText(one.error)} {t('action.tryAgain')}
            </button>
          )}
          <CloseButton size="xs" aria-label={t('composer.removeFile', { name: one.file.name })} onClick={() => attachments.remove(one.id)} />
        </li>
      ))}
    </ul>
  );
}
