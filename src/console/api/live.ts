/** Live news in this tab: from the shared worker, or from a connection of its own where the browser has no shared workers. */
import type { QueryClient } from '@tanstack/react-query';
import { connectLive, type LiveKind, type LiveNews } from './live-connection.ts';

/** Query keys that an event makes stale; the subject is appended where the second word is true. */
const stale: Record<LiveKind, readonly (readonly [key: string, one: boolean])[]> = {
  conversation: [
    ['conversations', false],
    ['conversation', true],
  ],
  closing: [
    ['closings', false],
    ['closing', true],
    ['conversations', false],
  ],
  delivery: [
    ['deliveries', false],
    ['closings', false],
    ['closing', false],
  ],
  ticket: [
    ['tickets', false],
    ['ticket', false],
  ],
  connector: [['connectors', false]],
  reminder: [['conversations', false]],
};

/** Several events of one change arrive together: one reading serves them all. */
const gatherMs = 120;

type Listener = (live: boolean) => void;
const stateListeners = new Set<Listener>();
type Heard = Extract<LiveNews, { kind: 'event' | 'typing' }>;
const newsListeners = new Set<(news: Heard) => void>();
let live = true;
let restart: () => void = () => {};

export const isLive = (): boolean => live;
export function onLiveState(listener: Listener): () => void {
  stateListeners.add(listener);
  return () => stateListeners.delete(listener);
}
/** What happens just now, for those who do more with it than read anew. */
export function onNews(listener: (news: Heard) => void): () => void {
  newsListeners.add(listener);
  return () => void newsListeners.delete(listener);
}
/** After sign-in: the connection takes the new session. */
export const restartLive = (): void => restart();

/** A first reading that is under way began before the news and yet ends as fresh, so it is followed by another. */
function readAnew(client: QueryClient, filters: { queryKey?: readonly string[] }): void {
  const first = client.getQueryCache().findAll({ ...filters, predicate: ({ state }) => state.data === undefined && state.fetchStatus === 'fetching' });
  void client.invalidateQueries(filters);
  for (const { promise, queryKey } of first)
    void promise?.then(
      () => client.invalidateQueries({ queryKey, exact: true }),
      () => undefined,
    );
}

export function startLive(client: QueryClient): () => void {
  const waiting = new Map<string, readonly string[]>();
  let gathering = false;
  const flush = (): void => {
    gathering = false;
    const keys = [...waiting.values()];
    waiting.clear();
    for (const queryKey of keys) readAnew(client, { queryKey });
  };
  const hear = (news: LiveNews): void => {
    if (news.kind === 'state') {
      live = news.live;
      for (const listener of stateListeners) listener(live);
      return;
    }
    if (news.kind === 'gap') {
      readAnew(client, {});
      return;
    }
    for (const listener of newsListeners) listener(news);
    if (news.kind === 'typing') return;
    for (const [key, one] of stale[news.of]) {
      const queryKey = one ? [key, news.subject] : [key];
      waiting.set(queryKey.join('/'), queryKey);
    }
    if (!gathering) setTimeout(flush, gatherMs);
    gathering = true;
  };
  return listen(hear);
}

function listen(hear: (news: LiveNews) => void): () => void {
  if (typeof SharedWorker === 'undefined') {
    const connection = connectLive(hear);
    restart = connection.restart;
    return connection.close;
  }
  const worker = new SharedWorker(new URL('./live-worker.ts', import.meta.url), { type: 'module', name: 'deskbridge-live' });
  worker.port.onmessage = ({ data }: MessageEvent<LiveNews>) => hear(data);
  worker.port.start();
  restart = () => worker.port.postMessage('restart');
  const bye = (): void => worker.port.postMessage('bye');
  // A page that comes back from the browser's cache goes on, and cannot know what it missed.
  const hello = (event: PageTransitionEvent): void => {
    if (!event.persisted) return;
    worker.port.postMessage('hello');
    hear({ kind: 'gap' });
  };
  addEventListener('pagehide', bye);
  addEventListener('pageshow', hello);
  return () => {
    removeEventListener('pagehide', bye);
    removeEventListener('pageshow', hello);
    bye();
    worker.port.close();
  };
}
