/** Tells the server which of its messages the visitor has had before their eyes. One that could not be told is told with the next. */
import type { Said } from './conversation.ts';
import type { Keep } from './keep.ts';

export interface ReadMarksParts {
  readonly keep: Keep;
  /** Messages of others after a time, oldest first. */
  fromOthers(after: number): readonly Said[];
  tell(ids: readonly string[]): Promise<void>;
}

const most = 50;

/** Call the result whenever the conversation is open and looked at. */
export function createReadMarks({ keep, fromOthers, tell }: ReadMarksParts): () => void {
  let busy = false;
  return function seen(): void {
    if (busy) return;
    const messages = fromOthers(keep.get<number>('readTold') ?? 0).slice(0, most);
    const last = messages.at(-1);
    if (!last) return;
    busy = true;
    tell(messages.map(({ id }) => id)).then(
      () => {
        busy = false;
        keep.set('readTold', Math.max(last.at, keep.get<number>('readTold') ?? 0));
        seen();
      },
      () => {
        busy = false;
      },
    );
  };
}
