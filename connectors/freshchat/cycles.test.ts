import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conversationOf, type Happening, noCycles, type Placement, place, type Row } from './cycles.ts';

const hour = 3_600_000;
const day = 24 * hour;

let marks = 0;
const event = (kind: Happening['kind'], at: number, interaction?: string): Happening => ({ conversation: 'c', interaction, at, kind, mark: `m${++marks}` });

function run(events: readonly Happening[], reopenMs = day, from: Row = noCycles): { row: Row; placed: readonly Placement[] } {
  let row = from;
  const placed = events.map((one) => {
    const found = place(row, one, reopenMs);
    row = found.row;
    return found;
  });
  return { row, placed };
}
const threads = (placed: readonly Placement[]): readonly string[] => placed.map(({ thread }) => thread);

describe('the thread of an event', () => {
  it('is the conversation with its interaction', () => {
    const { placed } = run([event('said', 10, 'A'), event('quiet', 20, 'A'), event('ended', 30, 'A')]);
    expect(threads(placed)).toEqual(['c/A', 'c/A', 'c/A']);
    expect(conversationOf('c/A')).toBe('c');
  });

  it('stays when some events do not name the interaction, in whatever order they come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.nat(hour), kind: fc.constantFrom('said' as const, 'quiet' as const), named: fc.boolean() }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.boolean(),
        (happened, endNamed) => {
          const events = happened.map(({ at, kind, named }) => event(kind, at + 1, named ? 'A' : undefined));
          const { placed } = run([...events, event('ended', hour + 2, endNamed ? 'A' : undefined)]);
          expect(new Set(threads(placed)).size).toBe(1);
        },
      ),
    );
  });

  it('is the same however often the event comes, whatever came since', () => {
    const kinds = fc.constantFrom('said' as const, 'quiet' as const, 'ended' as const, 'reopened' as const);
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.integer({ min: 1, max: 5 * day }), kind: kinds, interaction: fc.constantFrom('A', 'B', 'C') }), {
          minLength: 1,
          maxLength: 15,
        }),
        (happened) => {
          const events = happened.map(({ at, kind, interaction }) => event(kind, at, interaction));
          const { row, placed } = run(events);
          const again = run(events, day, row).placed;
          for (const [index, one] of events.entries()) {
            // A note after the end may be found before its interaction is known.
            if (one.kind !== 'quiet') expect(again[index]?.thread).toBe(placed[index]?.thread);
          }
        },
      ),
    );
  });

  it('is one of its own for every interaction, where ops want it so', () => {
    const turns = ['A', 'B', 'C'].flatMap((name, index) => [event('said', index * 100 + 1, name), event('ended', index * 100 + 50, name)]);
    expect(threads(run(turns, 0).placed)).toEqual(['c/A', 'c/A', 'c/B', 'c/B', 'c/C', 'c/C']);
  });

  it('goes on when the chat is taken up again soon, and is a new one after long', () => {
    const { placed } = run([
      event('said', 10, 'A'),
      event('ended', 20, 'A'),
      event('said', 20 + hour, 'B'),
      event('ended', 30 + hour, 'B'),
      event('said', 31 + hour + day, 'C'),
    ]);
    expect(threads(placed)).toEqual(['c/A', 'c/A', 'c/A', 'c/A', 'c/C']);
    expect(placed.map(({ also }) => also)).toEqual([null, null, 'reopens', null, null]);
  });

  it('without any interaction begins with the first message after long silence', () => {
    const { placed } = run([event('said', 10), event('ended', 20), event('said', 21 + day), event('ended', 30 + day)]);
    const [first, ended, second, last] = threads(placed);
    expect([first === ended, second === last, first === second]).toEqual([true, true, false]);
  });

  it('that must have ended unheard is ended by the next one', () => {
    const { placed } = run([event('said', 10, 'A'), event('said', 11 + 2 * day, 'B')]);
    expect(placed[1]).toMatchObject({ thread: 'c/B', ends: 'c/A' });
  });
});

describe('after the end', () => {
  const ended = run([event('said', 10, 'A'), event('ended', 20, 'A')]).row;

  it('notes and bots take nothing up, also where they carry the next interaction', () => {
    for (const interaction of ['A', 'B', undefined]) {
      const { thread, also, row } = place(ended, event('quiet', 30, interaction), day);
      expect([thread, also, row === ended]).toEqual(['c/A', 'after-end', true]);
    }
  });

  it('a reopening is told once it is known, and again when its message comes again', () => {
    const said = event('said', 30, 'B');
    const once = place(ended, said, day);
    expect(once.also).toBe('reopens');
    expect(place(once.row, said, day)).toMatchObject({ thread: 'c/A', also: 'reopens' });
  });

  it('an end that was overtaken by what came later ends nothing', () => {
    const { placed } = run([event('said', 10, 'A'), event('said', 30, 'B'), event('ended', 20, 'A')]);
    expect(placed[2]).toMatchObject({ thread: 'c/A', also: 'stale' });
    const reopened = run([event('said', 10), event('reopened', 30), event('ended', 20)]);
    expect(reopened.placed[2]).toMatchObject({ also: 'stale' });
    const unnamed = run([event('said', 10), event('said', 30), event('ended', 20)]);
    expect(unnamed.placed[2]).toMatchObject({ also: 'stale' });
  });

  it('a reopening that the next end has overtaken reopens nothing', () => {
    const { placed } = run([event('ended', 40, 'A'), event('reopened', 30, 'A')]);
    expect(placed[1]).toMatchObject({ also: 'stale' });
  });
});
