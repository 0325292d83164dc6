/** Files of messages: those that Slack holds are fetched; those that it only points to become a line of text. */
import type { MediaRef } from '../../src/kit/index.ts';
import type { SlackFile } from './payload.ts';

/** Kept by somebody else (`external`), or gone (`tombstone`, `hidden_by_limit`): there are no bytes to fetch. */
const withoutBytes = new Set(['external', 'tombstone', 'hidden_by_limit']);

const nameOf = ({ name, title, id }: SlackFile): string => name || title || id;

export const mediaOf = (files: readonly SlackFile[] | null | undefined): readonly MediaRef[] =>
  (files ?? []).filter(({ mode }) => !withoutBytes.has(mode ?? '')).map(toMedia);

function toMedia(file: SlackFile): MediaRef {
  const url = file.url_private_download ?? file.url_private;
  // Shared from another workspace, it says nothing of itself until it is asked for.
  const asks = file.file_access === 'check_file_info' || !url;
  return {
    id: file.id,
    name: nameOf(file),
    ...(file.mimetype && { mime: file.mimetype }),
    ...(file.size !== undefined && file.size !== null && { size: file.size }),
    ...(file.duration_ms && { seconds: file.duration_ms / 1000 }),
    ref: { file: file.id, ...(asks ? {} : { url }) },
  };
}

/** Where an external file is. */
export const linesOfFiles = (files: readonly SlackFile[] | null | undefined): readonly string[] =>
  (files ?? []).flatMap((file) => {
    const url = file.mode === 'external' ? file.url_private : undefined;
    return url ? [`${nameOf(file)}: ${url}`] : [];
  });
