/** One EventSource that never gives up. After each opening, the first too, it says that there was a gap: what happened between a page's reading and it is not known. */
export type LiveKind = 'conversation' | 'closing' | 'delivery' | 'ticket' | 'connector' | 'reminder';
export type LiveNews =
  | { readonly kind: 'event'; readonly of: LiveKind; readonly subject: string }
  | { readonly kind: 'state'; readonly live: boolean }
  | { readonly kind: 'gap' }
  /** A customer types in a conversation: true for a few seconds, and told again while it lasts. */
  | { readonly kind: 'typing'; readonly conversation: string; readonly name: string };

const kinds: readonly LiveKind[] = ['conversation', 'closing', 'delivery', 'ticket', 'connector', 'reminder'];
const retryMs = 3_000;

export interface LiveConnection {
  /** Opens anew: after sign-in the old connection carries the old session. */
  restart(): void;
  close(): void;
}

export function connectLive(tell: (news: LiveNews) => void): LiveConnection {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = (): void => {
    clearTimeout(timer);
    source?.close();
    const mine = new EventSource('/api/events');
    source = mine;
    mine.onopen = () => {
      tell({ kind: 'state', live: true });
      tell({ kind: 'gap' });
    };
    mine.onerror = () => {
      if (source !== mine) return;
      tell({ kind: 'state', live: false });
      // The browser reconnects by itself after a dropped line, but never after an answer that was no stream.
      if (mine.readyState === EventSource.CLOSED) timer = setTimeout(open, retryMs);
    };
    for (const of of kinds)
      mine.addEventListener(of, (event) => {
        const { subject } = JSON.parse((event as MessageEvent<string>).data) as { subject: string };
        tell({ kind: 'event', of, subject });
      });
    mine.addEventListener('typing', (event) => {
      const { subject, name } = JSON.parse((event as MessageEvent<string>).data) as { subject: string; name: string };
      tell({ kind: 'typing', conversation: subject, name });
    });
  };
  open();
  return {
    restart: open,
    close: () => {
      clearTimeout(timer);
      source?.close();
    },
  };
}
