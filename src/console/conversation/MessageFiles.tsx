import { Button } from '@mantine/core';
import { IconFile, IconHourglass, IconMusic, IconPhotoOff } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { FileView, MessageView } from '../../api/contract.ts';
import { call } from '../api/client.ts';
import { clockOf, sizeOf } from '../parts/format.ts';
import { tellProblem } from '../parts/problem-text.ts';

const addressOf = (message: MessageView, file: FileView): string => `/api/messages/${message.id}/files/${file.id}`;
const isPicture = ({ mime }: FileView): boolean => /^image\/(png|jpe?g|gif|webp|avif)$/.test(mime);

function FetchAgain({ message, file }: { message: MessageView; file: FileView }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () => call('POST', `/messages/${message.id}/files/${file.id}/retry`),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: ['conversation'] }),
  });
  return (
    <Button size="compact-xs" variant="light" loading={again.isPending} onClick={() => again.mutate()} aria-label={t('file.fetchAgain', { name: file.name })}>
      {t('action.tryAgain')}
    </Button>
  );
}

function FileItem({ message, file }: { message: MessageView; file: FileView }) {
  const { t } = useTranslation();
  const facts = [file.seconds === null ? '' : clockOf(file.seconds), file.size === null ? '' : sizeOf(file.size)].filter(Boolean).join(' · ');
  if (file.state !== 'stored')
    return (
      <span className="file" data-state={file.state}>
        {file.state === 'waiting' ? <IconHourglass size={15} aria-hidden /> : <IconPhotoOff size={15} aria-hidden />}
        <span className="file-name">{file.name}</span>
        <span className="file-facts">{t(`file.${file.state}`)}</span>
        {file.state === 'failed' && <FetchAgain message={message} file={file} />}
      </span>
    );
  if (isPicture(file))
    return (
      <a className="file-picture" href={addressOf(message, file)} target="_blank" rel="noreferrer">
        <img src={addressOf(message, file)} alt={file.name} loading="lazy" />
      </a>
    );
  const audio = file.mime.startsWith('audio/');
  return (
    <a className="file" href={addressOf(message, file)} target="_blank" rel="noreferrer">
      {audio ? <IconMusic size={15} aria-hidden /> : <IconFile size={15} aria-hidden />}
      <span className="file-name">{file.name}</span>
      <span className="file-facts">
        {facts}
        {audio && ` · ${t('file.notTranscribed')}`}
      </span>
    </a>
  );
}

/** Evidence first; the logos of a signature are folded away. */
export function MessageFiles({ message }: { message: MessageView }) {
  const { t } = useTranslation();
  const files = message.files.filter((file) => !file.decoration);
  const decoration = message.files.filter((file) => file.decoration);
  if (message.files.length === 0) return null;
  return (
    <div className="files">
      {files.map((file) => (
        <FileItem key={file.id} message={message} file={file} />
      ))}
      {decoration.length > 0 && (
        <details className="quoted">
          <summary>{t('file.decoration', { count: decoration.length })}</summary>
          <div className="files">
            {decoration.map((file) => (
              <FileItem key={file.id} message={message} file={file} />
            ))}
          </div>
        </details>
      )}
    </div>
  );
}
