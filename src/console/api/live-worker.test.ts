/** The worker with a stream and tabs that the test plays: who joins late must still learn that something may have passed it by. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveNews } from './live-connection.ts';

class Stream {
  static readonly all: Stream[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readyState = 0;
  readonly heard = new Map<string, (event: { readonly data: string }) => void>();
  constructor() {
    Stream.all.push(this);
  }
  addEventListener(kind: string, listener: (event: { readonly data: string }) => void): void {
    this.heard.set(kind, listener);
  }
  close(): void {
    this.readyState = 2;
  }
}

interface Tab {
  readonly news: LiveNews[];
  say(word: string): void;
}

const scope: { onconnect?: (event: { readonly ports: readonly unknown[] }) => void } = {};

function openTab(): Tab {
  const news: LiveNews[] = [];
  const port: { onmessage?: (event: { readonly data: string }) => void } & Record<string, unknown> = {
    postMessage: (told: LiveNews) => news.push(told),
    start: () => undefined,
  };
  scope.onconnect?.({ ports: [port] });
  return { news, say: (data) => port.onmessage?.({ data }) };
}

describe('the live worker', () => {
  let stream: Stream;
  beforeEach(async () => {
    Stream.all.length = 0;
    vi.stubGlobal('EventSource', Stream);
    vi.stubGlobal('self', scope);
    vi.resetModules();
    await import('./live-worker.ts');
    stream = Stream.all[0] as Stream;
  });
  afterEach(() => vi.unstubAllGlobals());

  it('tells a tab that was there when the stream opened of one gap', () => {
    const tab = openTab();
    stream.onopen?.();
    expect(tab.news).toEqual([{ kind: 'state', live: true }, { kind: 'gap' }]);
  });

  it('tells a tab that joins an open stream of a gap too', () => {
    stream.onopen?.();
    expect(openTab().news).toEqual([{ kind: 'state', live: true }, { kind: 'gap' }]);
  });

  it('tells a tab that joins a broken stream of the break alone, and of the gap when it is mended', () => {
    stream.onopen?.();
    stream.onerror?.();
    const tab = openTab();
    expect(tab.news).toEqual([{ kind: 'state', live: false }]);
    stream.onopen?.();
    expect(tab.news.slice(1)).toEqual([{ kind: 'state', live: true }, { kind: 'gap' }]);
  });

  it('tells every tab of an event, and none that said goodbye', () => {
    stream.onopen?.();
    const [gone, stays] = [openTab(), openTab()];
    gone.say('bye');
    stream.heard.get('conversation')?.({ data: '{"subject":"c1"}' });
    expect(gone.news).toHaveLength(2);
    expect(stays.news.at(-1)).toEqual({ kind: 'event', of: 'conversation', subject: 'c1' });
  });
});
