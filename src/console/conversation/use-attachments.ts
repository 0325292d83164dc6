/** Files of a reply: uploaded as soon as they are chosen, sent by what the server made of them. */
import { useCallback, useState } from 'react';
import type { ReplyRequest } from '../../api/contract.ts';
import { ApiError, call } from '../api/client.ts';
import { newId } from '../api/ids.ts';

type Uploaded = NonNullable<ReplyRequest['files']>[number];

export interface Attachment {
  readonly id: string;
  readonly file: File;
  readonly state: 'loading' | 'stored' | 'failed';
  readonly uploaded: Uploaded | undefined;
  readonly error: unknown;
}

const maxBytes = 50_000_000;

export function useAttachments() {
  const [list, setList] = useState<readonly Attachment[]>([]);
  const change = useCallback((id: string, next: Partial<Attachment>) => setList((old) => old.map((one) => (one.id === id ? { ...one, ...next } : one))), []);
  const upload = useCallback(
    async (id: string, file: File): Promise<void> => {
      change(id, { state: 'loading', error: undefined });
      try {
        if (file.size > maxBytes) throw new ApiError(413, { key: 'too-large' });
        change(id, { state: 'stored', uploaded: await call<Uploaded>('POST', `/files?name=${encodeURIComponent(file.name)}`, { raw: file }) });
      } catch (error) {
        change(id, { state: 'failed', error });
      }
    },
    [change],
  );
  const add = useCallback(
    (files: Iterable<File>) => {
      const fresh = [...files].map((file): Attachment => ({ id: newId(), file, state: 'loading', uploaded: undefined, error: undefined }));
      setList((old) => [...old, ...fresh]);
      for (const { id, file } of fresh) void upload(id, file);
    },
    [upload],
  );
  return {
    list,
    add,
    again: (one: Attachment) => void upload(one.id, one.file),
    remove: (id: string) => setList((old) => old.filter((one) => one.id !== id)),
    clear: () => setList([]),
    ready: list.every(({ state }) => state === 'stored'),
    uploaded: list.flatMap(({ uploaded }) => uploaded ?? []),
  };
}
