import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { CallError, type Outgoing } from './api.ts';
import { contrast, grounds, palette } from './color.ts';
import { createConversation, type Item, type Said } from './conversation.ts';
import { createFollower, readLines } from './follow.ts';
import { awayText } from './hours.ts';
import { createKeep, type Keep } from './keep.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createReadMarks } from './read-marks.ts';
import { transcript, transcriptName } from './transcript.ts';
import { createAgentTyping, createOwnTyping } from './typing.ts';
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
    refused: string[];
  }
  /** `answers` are taken in turn: a status, 0 for no answer, or why it was refused. */
  function bench(keep: Keep, answers: (number | string)[] = [], prefix = 'm'): Bench {
    const sent: Outgoing[] = [];
    const later: Bench['later'] = [];
    const refused: string[] = [];
    let count = 0;
    const outbox = createOutbox({
      keep,
      async send(message) {
        sent.push(message);
        const status = answers.shift() ?? 201;
        if (typeof status === 'string') throw new CallError(422, status);
        if (status >= 300 || status === 0) throw new CallError(status);
      },
      changed() {},
      profileRefused: () => void refused.push('profile'),
      now: () => 1000 + count,
      id: () => `${prefix}${++count}`,
      later: (ms, action) => void later.push({ ms, action }),
    });
    return { outbox, sent, later, refused };
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

  it('sends the words alone when what was told beside them is refused, under the same id, and only then', async () => {
    const { outbox, sent, refused } = bench(keep(), ['profile', 201, 'message']);
    const profile = { name: 'Bruna', email: 'josé@', answers: { unit: 'Norte' }, lead: 'Unidade: Norte' };
    outbox.add({ text: 'oi', files: [], ...profile });
    outbox.add({ text: 'dois', files: [], name: 'Bruna' });
    await outbox.flush();
    expect(sent).toMatchObject([{ id: 'm1', ...profile }, { id: 'm1', text: 'oi' }, { id: 'm2' }]);
    expect(sent[1]).not.toHaveProperty('email');
    expect(sent[1]).not.toHaveProperty('lead');
    expect(states(outbox)).toEqual(['m1 sent', 'm2 failed']);
    expect(refused).toEqual(['profile']);
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

  it('shows the answers above the first words before the server does', () => {
    const [item] = createConversation().items([{ ...pending, lead: 'Unidade: Sul' }]);
    expect(item?.text).toBe('Unidade: Sul\n\noi');
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

describe('read marks', () => {
  const said = (at: number): Said => ({ id: `m${at}`, at, from: 'agent', author: 'Ana', text: 'x', deleted: false, files: [] });
  const setting = (messages: Said[]) => {
    const storage = fakeStorage();
    return { keep: createKeep('here', () => storage), fromOthers: (after: number) => messages.filter(({ at }) => at > after) };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('are told once, and after a failure with the next', async () => {
    const messages = [said(1), said(2)];
    const told: string[] = [];
    let broken = true;
    const seen = createReadMarks({
      ...setting(messages),
      async tell(ids) {
        told.push(ids.join());
        if (broken) throw new CallError(0);
      },
    });
    seen();
    seen();
    await settled();
    broken = false;
    messages.push(said(3));
    for (let i = 0; i < 3; i += 1) {
      seen();
      await settled();
    }
    expect(told).toEqual(['m1,m2', 'm1,m2,m3']);
  });

  it('of many messages are told in turn, none left out', async () => {
    const told: string[] = [];
    const seen = createReadMarks({ ...setting(Array.from({ length: 120 }, (_, at) => said(at + 1))), tell: async (ids) => void told.push(...ids) });
    seen();
    await settled();
    expect(told).toEqual(Array.from({ length: 120 }, (_, at) => `m${at + 1}`));
  });
});

describe('typing', () => {
  it('of an agent shows for a few seconds, begins once however often it is told, and ends with the message', () => {
    vi.useFakeTimers();
    const shown: (string | undefined)[] = [];
    const typing = createAgentTyping((agent) => void shown.push(agent));
    typing.heard('Ana');
    vi.advanceTimersByTime(4000);
    typing.heard('Ana');
    vi.advanceTimersByTime(4999);
    expect(shown).toEqual(['Ana']);
    vi.advanceTimersByTime(1);
    expect(shown).toEqual(['Ana', undefined]);
    typing.heard('Téo');
    typing.over();
    typing.over();
    vi.advanceTimersByTime(10_000);
    expect(shown).toEqual(['Ana', undefined, 'Téo', undefined]);
    vi.useRealTimers();
  });

  it('of the visitor is told every three seconds at most, and at once when another message begins', () => {
    let [now, told] = [0, 0];
    const typing = createOwnTyping(
      () => {
        told += 1;
      },
      () => now,
    );
    for (now = 0; now <= 6000; now += 100) typing.keystroke();
    expect(told).toBe(3);
    typing.sent();
    typing.keystroke();
    typing.keystroke();
    expect(told).toBe(4);
  });
});

describe('opening hours', () => {
  const words = dictionary.en;
  const time = (text: string): number => new Date(text).getTime();
  const hours = {
    open: [
      [time('2026-11-19T08:00'), time('2026-11-19T12:00')],
      [time('2026-11-20T08:00'), time('2026-11-20T12:00')],
      [time('2026-11-23T08:00'), time('2026-11-23T12:00')],
    ] as const,
    until: time('2026-12-03T00:00'),
  };
  const said = (at: string, given = hours) => awayText(given, time(at), words, 'en-GB')?.replace(`${words.away} `, '');

  it('are silent while somebody is there, and where nothing is known', () => {
    expect(said('2026-11-19T08:00')).toBeUndefined();
    expect(said('2026-11-19T11:59')).toBeUndefined();
    expect(said('2026-12-03T00:00')).toBeUndefined();
    expect(awayText(undefined, time('2026-11-19T03:00'), words, 'en')).toBeUndefined();
  });

  it.each([
    ['2026-11-19T07:59', 'We are back today at 08:00.'],
    ['2026-11-19T12:00', 'We are back tomorrow at 08:00.'],
    ['2026-11-20T12:00', 'We are back on Monday 23 November at 08:00.'],
    ['2026-11-23T13:00', words.away],
  ])('at %s say: %s', (at, text) => {
    expect(said(at)).toBe(text);
  });
});

describe('the transcript', () => {
  const item = (more: Partial<Item>): Item => ({
    id: '1',
    key: '1',
    at: new Date('2026-11-19T12:00').getTime(),
    from: 'agent',
    author: 'Ana',
    text: '',
    deleted: false,
    files: [],
    state: 'sent',
    ...more,
  });
  const file = { id: 'f', name: 'tela.png', mime: 'image/png', size: 3 };

  it('holds who said what and when, files by name, and what was not sent as such', () => {
    const items = [
      item({ from: 'contact', author: '', text: 'oi\n[12:00] Ana: pago', files: [file] }),
      item({ text: 'Olá!', at: new Date('2026-11-20T08:05').getTime() }),
      item({ deleted: true, at: new Date('2026-11-20T08:06').getTime() }),
      item({ from: 'contact', text: 'perdida', state: 'failed', at: new Date('2026-11-20T08:07').getTime() }),
    ];
    const text = transcript('Suporte', items, dictionary['pt-BR'], 'pt-BR').replaceAll(/ (UTC|GMT[^\]]*|[A-Z]{3,4})\]/g, ']');
    expect(text.split('\r\n')).toEqual([
      'Suporte',
      '',
      'quinta-feira, 19 de novembro de 2026',
      '',
      '[12:00] Você: oi',
      '    [12:00] Ana: pago [tela.png]',
      '',
      'sexta-feira, 20 de novembro de 2026',
      '',
      '[08:05] Ana: Olá!',
      '[08:06] Ana: (Esta mensagem foi apagada)',
      '[08:07] Você: perdida (Não enviada)',
      '',
    ]);
  });

  it('has a name with the date', () => {
    expect(transcriptName(Date.parse('2026-11-19T12:00:00Z'))).toBe('chat-2026-11-19.txt');
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
  it.each(['light', 'dark'] as const)('can be read in the %s scheme, whatever colour ops chose', (scheme) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffff }), (value) => {
        const { accent, on, strong } = palette(`#${value.toString(16).padStart(6, '0')}`, scheme);
        expect(contrast(accent, on)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(strong, grounds[scheme])).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it('stand on grounds that no other ground of their scheme makes harder to read', () => {
    const css = readFileSync(new URL('./widget.css', import.meta.url), 'utf8');
    const light = css.slice(css.indexOf(':host {'), css.indexOf(':host([data-scheme'));
    const dark = css.slice(css.indexOf(':host([data-scheme="dark"])'), css.indexOf(':host([data-corner'));
    const value = (block: string, name: string): string =>
      (new RegExp(`--${name}: (#\\w+);`).exec(block)?.[1] ?? '').replace(/^#(\w)(\w)(\w)$/, '#$1$1$2$2$3$3');
    for (const name of ['ground', 'surface']) {
      const [bright, dim] = [value(light, name), value(dark, name)];
      expect(contrast(bright, '#000000'), name).toBeGreaterThanOrEqual(contrast(grounds.light, '#000000'));
      expect(contrast(dim, '#ffffff'), name).toBeGreaterThanOrEqual(contrast(grounds.dark, '#ffffff'));
    }
  });
});
