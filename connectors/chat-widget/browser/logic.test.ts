import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { CallError, type Outgoing } from './api.ts';
import { contrast, palette } from './color.ts';
import { createConversation, type Said } from './conversation.ts';
import { createFollower, readLines } from './follow.ts';
import { createKeep, type Keep } from './keep.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { chooseLanguage, dictionary, fill } from './words.ts';

function fakeStorage(): Storage {
  const map = new Map<string, string>();
  return {
    get length() {
      return map.size;
    },
    key: (index) => [...map.keys()][index] ?? null,
    clear: () => map.clear(),
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
  };
}

describe('the outbox', () => {
  interface Bench {
    outbox: Outbox;
    sent: Outgoing[];
    later: { ms: number; action: () => void }[];
  }
  /** `answers` are taken in turn: a status, or 0 for no answer. */
  function bench(keep: Keep, answers: number[] = [], prefix = 'm'): Bench {
    const sent: Outgoing[] = [];
    const later: Bench['later'] = [];
    let count = 0;
    const outbox = createOutbox({
      keep,
      async send(message) {
        sent.push(message);
        const status = answers.shift() ?? 201;
        if (status >= 300 || status === 0) throw new CallError(status);
      },
      changed() {},
      now: () => 1000 + count,
      id: () => `${prefix}${++count}`,
      later: (ms, action) => void later.push({ ms, action }),
    });
    return { outbox, sent, later };
  }
  const keep = (): Keep => {
    const storage = fakeStorage();
    return createKeep('here', () => storage);
  };
  const states = (outbox: Outbox): string[] => outbox.entries().map(({ id, state }) => `${id} ${state}`);

  it('sends in the order of writing, and keeps each until the history shows it', async () => {
    const { outbox, sent } = bench(keep());
    for (const text of ['um', 'dois']) outbox.add({ text, files: [] });
    await outbox.flush();
    expect(sent.map(({ text }) => text)).toEqual(['um', 'dois']);
    expect(states(outbox)).toEqual(['m1 sent', 'm2 sent']);
    outbox.seen('m1');
    expect(states(outbox)).toEqual(['m2 sent']);
  });

  it.each([0, 500, 503, 429, 408])('keeps a message after %i and sends it again under the same id, ever later', async (status) => {
    const { outbox, sent, later } = bench(keep(), [status, status]);
    outbox.add({ text: 'oi', files: [] });
    await outbox.flush();
    expect(states(outbox)).toEqual(['m1 waiting']);
    await outbox.flush();
    await outbox.flush();
    expect(sent.map(({ id }) => id)).toEqual(['m1', 'm1', 'm1']);
    expect(states(outbox)).toEqual(['m1 sent']);
    expect(later.map(({ ms }) => ms)).toEqual([2000, 4000]);
  });

  it('does not let a later message overtake one that waits', async () => {
    const { outbox, sent } = bench(keep(), [0, 0]);
    outbox.add({ text: 'um', files: [] });
    await outbox.flush();
    outbox.add({ text: 'dois', files: [] });
    await outbox.flush();
    await outbox.flush();
    expect(sent.map(({ text }) => text)).toEqual(['um', 'um', 'um', 'dois']);
  });

  it('marks what the server refuses for good, goes on with the next, and tries again when asked', async () => {
    const { outbox, sent } = bench(keep(), [422]);
    outbox.add({ text: 'um', files: [] });
    outbox.add({ text: 'dois', files: [] });
    await outbox.flush();
    expect(states(outbox)).toEqual(['m1 failed', 'm2 sent']);
    outbox.retry('m1');
    await outbox.flush();
    expect(states(outbox)).toEqual(['m1 sent', 'm2 sent']);
    expect(sent.map(({ id }) => id)).toEqual(['m1', 'm2', 'm1']);
  });

  it('survives a reload: what was not acknowledged goes again under its id, what was does not', async () => {
    const shared = keep();
    const before = bench(shared, [201, 0]);
    before.outbox.add({ text: 'um', files: [], name: 'Bruna' });
    await before.outbox.flush();
    before.outbox.add({ text: 'dois', files: [{ id: 'f', name: 'a.png', mime: 'image/png', size: 3 }] });
    await before.outbox.flush();
    const after = bench(shared);
    await after.outbox.flush();
    expect(after.sent).toMatchObject([{ id: 'm2', text: 'dois', files: [{ id: 'f' }] }]);
    expect(bench(shared).outbox.entries()).toEqual([]);
  });

  it('of one tab never drops what another tab still has to send', async () => {
    const shared = keep();
    const [one, two] = [bench(shared, [0], 'a'), bench(shared, [], 'b')];
    one.outbox.add({ text: 'um', files: [] });
    await one.outbox.flush();
    two.outbox.add({ text: 'dois', files: [] });
    await two.outbox.flush();
    expect(
      bench(shared)
        .outbox.entries()
        .map(({ text }) => text),
    ).toEqual(['um']);
  });

  it('works in a browser that forbids storage', async () => {
    const forbidden = createKeep('here', () => {
      throw new DOMException('no', 'SecurityError');
    });
    const { outbox } = bench(forbidden);
    outbox.add({ text: 'oi', files: [] });
    await outbox.flush();
    expect(states(outbox)).toEqual(['m1 sent']);
  });
});

describe('the conversation', () => {
  const said = (id: string, at: number, more: Partial<Said> = {}): Said => ({
    id,
    at,
    from: 'agent',
    author: 'Ana',
    text: id,
    deleted: false,
    files: [],
    ...more,
  });
  const pending = { id: 'c1', at: 5, text: 'oi', files: [], state: 'waiting' } as const;

  it('shows each message once, though it is both on its way and known', () => {
    const conversation = createConversation();
    expect(conversation.items([pending])).toMatchObject([{ key: 'c1', state: 'waiting' }]);
    conversation.put(said('s1', 5, { from: 'contact', client: 'c1' }));
    expect(conversation.items([pending])).toMatchObject([{ key: 'c1', id: 's1', state: 'sent' }]);
  });

  it('replaces a message that is told again, and sorts late ones in', () => {
    const conversation = createConversation();
    expect([conversation.put(said('b', 2)), conversation.put(said('a', 1)), conversation.put(said('b', 2, { text: 'B' }))]).toEqual([true, true, false]);
    expect(conversation.items([]).map(({ text }) => text)).toEqual(['a', 'B']);
  });

  it('counts as unread what others wrote since, and not what was deleted', () => {
    const conversation = createConversation();
    for (const message of [said('a', 1), said('b', 2), said('c', 3, { from: 'contact' }), said('d', 4, { deleted: true })]) conversation.put(message);
    expect(conversation.unread(0)).toBe(2);
    expect(conversation.unread(1)).toBe(1);
    expect(conversation.unread(2)).toBe(0);
  });

  it('resumes a little before its end, for what changed meanwhile', () => {
    const conversation = createConversation();
    expect(conversation.resumeAfter()).toBeUndefined();
    for (let i = 1; i <= 25; i += 1) conversation.put(said(`m${i}`, i));
    expect(conversation.resumeAfter()).toBe('m5');
  });
});

const bytes = (...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
      controller.close();
    },
  });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
}

describe('the stream', () => {
  it('is read line by line wherever the network cuts it, even inside a letter', async () => {
    const lines = ['açaí', '🙏', 'x'.repeat(50)].map((text) => ({ type: 'message', message: { text } }));
    const whole = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 8 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const chunks = at.slice(1).map((end, index) => whole.slice(at[index], end));
        expect(await all(readLines(bytes(...chunks)))).toEqual(lines);
      }),
    );
  });

  it('skips a line that is no JSON', async () => {
    expect(await all(readLines(bytes('<html>\n{"type":"alive"}\n')))).toEqual([{ type: 'alive' }]);
  });

  it('is opened again when it ends, and not when the visitor is unknown', async () => {
    vi.useFakeTimers();
    const opened: (ReadableStream<Uint8Array> | CallError)[] = [bytes('{"type":"ready"}\n'), new CallError(0), new CallError(502), new CallError(401)];
    const heard: string[] = [];
    const follower = createFollower({
      async open() {
        const next = opened.shift();
        heard.push('open');
        if (next instanceof ReadableStream) return next;
        throw next ?? new Error('nothing left');
      },
      line: ({ type }) => void heard.push(type),
      online: (online) => void heard.push(online ? 'online' : 'offline'),
      unknown: () => void heard.push('unknown'),
    });
    follower.start();
    follower.start();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(heard).toEqual(['open', 'online', 'ready', 'offline', 'open', 'offline', 'open', 'offline', 'open', 'unknown']);
    vi.useRealTimers();
  });

  it('that falls silent is given up and opened again', async () => {
    vi.useFakeTimers();
    let opens = 0;
    const follower = createFollower({
      open: async (signal) => {
        opens += 1;
        return new ReadableStream({ start: (controller) => signal.addEventListener('abort', () => controller.error(new Error('aborted'))) });
      },
      line() {},
      online() {},
      unknown() {},
    });
    follower.start();
    await vi.advanceTimersByTimeAsync(39_000);
    expect(opens).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(opens).toBe(2);
    follower.stop();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(opens).toBe(2);
    vi.useRealTimers();
  });
});

describe('words', () => {
  it.each([
    [['pt-PT'], 'pt-BR'],
    [['de-AT'], 'de'],
    [['en_US'], 'en'],
    [[undefined, '', 'fr', 'it-CH', 'de'], 'it'],
    [['xx'], 'en'],
    [[], 'en'],
  ])('for %j are %s', (wishes, language) => {
    expect(chooseLanguage(wishes)).toBe(language);
  });

  it('have the same placeholders in every language, and none is empty or left in English', () => {
    const names = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    for (const [language, words] of Object.entries(dictionary)) {
      for (const [key, text] of Object.entries(words)) {
        const english = dictionary.en[key as keyof typeof words];
        expect(text.trim(), `${language}.${key}`).not.toBe('');
        expect(names(text), `${language}.${key}`).toEqual(names(english));
        if (language !== 'en') expect(text, `${language}.${key}`).not.toBe(english);
      }
    }
  });

  it('are filled with what they speak of', () => {
    expect(fill('{n} of {n} in {name}', { n: 2, name: '$&' })).toBe('2 of 2 in $&');
  });
});

describe('colours', () => {
  it('can be read, whatever colour ops chose', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffff }), (value) => {
        const { accent, on, strong } = palette(`#${value.toString(16).padStart(6, '0')}`);
        expect(contrast(accent, on)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(strong, '#ffffff')).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });
});
