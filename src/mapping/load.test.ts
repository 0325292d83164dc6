import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { calendarWarnings, checkMappings } from './check.ts';
import { accept, EMPTY, mappingFor } from './folder.ts';
import { compiled, edited, gymText, lineWith } from './gym-desk.ts';
import { createMappings, readFolder, watchMappings } from './load.ts';
import { tellProblem } from './source.ts';

const shipped = fileURLToPath(new URL('../../mappings', import.meta.url));
const lineOf = (section: string): string => new RegExp(`^${section}: .*`, 'm').exec(gymText)?.[0] ?? '';
const other = edited([lineOf('for'), 'for: { channels: [other] }'], [lineOf('ended_elsewhere'), 'ended_elsewhere: { other: ask }']);
const any = edited([lineOf('for'), 'for: { channels: any }']);
const file = (name: string, text: string) => ({ file: `mappings/${name}.yaml`, text });

describe('a folder of mappings', () => {
  it('gives each channel its file, and the rest to the one for any', () => {
    const folder = accept(EMPTY, [file('a', gymText), file('b', other), file('default', any)]);
    expect(folder.problems).toEqual([]);
    expect(mappingFor(folder, 'other')?.file).toBe('mappings/b.yaml');
    expect(mappingFor(folder, compiled().channels[0] ?? '')?.file).toBe('mappings/a.yaml');
    expect(mappingFor(folder, 'unheard-of')?.file).toBe('mappings/default.yaml');
    expect(mappingFor(accept(EMPTY, [file('b', other)]), 'unheard-of')).toBeUndefined();
  });

  it('refuses a file that claims a channel of another, with its line', () => {
    const folder = accept(EMPTY, [file('a', other), file('b', other)]);
    expect(folder.problems.map(tellProblem)).toEqual([
      `mappings/b.yaml:${lineWith('for: {')}: for.channels[0]: the channel other belongs to mappings/a.yaml already`,
    ]);
    expect([...folder.mappings.keys()]).toEqual(['mappings/a.yaml']);
    expect(accept(EMPTY, [file('a', any), file('b', any)]).problems.map(({ message }) => message)).toEqual([
      'mappings/a.yaml already takes all other channels',
    ]);
  });

  it('keeps the last good version of a broken file in force', () => {
    const good = accept(EMPTY, [file('a', gymText), file('b', other)]);
    const broken = accept(good, [file('a', gymText.replace('version: 1', 'version: 2')), file('b', other)]);
    expect(broken.problems.map(tellProblem)).toEqual([`mappings/a.yaml:${lineWith('version: 1')}: version: must be 1, but is 2`]);
    expect(broken.mappings.get('mappings/a.yaml')).toBe(good.mappings.get('mappings/a.yaml'));
    const mended = accept(broken, [file('a', `${gymText}# mended\n`), file('b', other)]);
    expect(mended.problems).toEqual([]);
    expect(mended.mappings.get('mappings/a.yaml')?.version).not.toBe(good.mappings.get('mappings/a.yaml')?.version);
  });

  it('leaves a channel with the file that held it when another one starts to claim it', () => {
    const good = accept(EMPTY, [file('a', other), file('b', gymText)]);
    const greedy = gymText.replace('channels: [', 'channels: [other, ');
    const late = accept(good, [file('a', `${other}# touched\n`), file('b', greedy)]);
    // Both changed: the first by name holds the channel, the other falls back to its last good version.
    expect(late.problems).toHaveLength(1);
    expect(mappingFor(late, 'other')?.file).toBe('mappings/a.yaml');
    expect(late.mappings.get('mappings/b.yaml')?.channels).toEqual(compiled().channels);
    const first = accept(good, [file('0', other), file('a', other), file('b', gymText)]);
    expect(mappingFor(first, 'other')?.file).toBe('mappings/a.yaml');
  });

  it('drops a mapping with its file', () => {
    const good = accept(EMPTY, [file('a', gymText), file('b', other)]);
    expect([...accept(good, [file('b', other)]).mappings.keys()]).toEqual(['mappings/b.yaml']);
  });
});

describe('mappings that are reloaded', () => {
  it('tell listeners only of what changed', async () => {
    let texts = [file('a', gymText)];
    const mappings = createMappings('mappings', async () => texts);
    const heard = vi.fn();
    const stop = mappings.onChange(heard);
    await mappings.reload();
    await mappings.reload();
    expect(heard).toHaveBeenCalledTimes(1);
    texts = [file('a', 'nonsense')];
    await mappings.reload();
    expect(heard).toHaveBeenCalledTimes(2);
    expect(mappings.current().problems).toHaveLength(1);
    expect(mappings.forChannel(compiled().channels[0] ?? '')?.version).toBe(compiled().version);
    stop();
    texts = [];
    await mappings.reload();
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it('keep what is in force when the folder cannot be read', async () => {
    const read = vi.fn(async () => [file('a', gymText)]);
    const mappings = createMappings('mappings', read);
    await mappings.reload();
    read.mockRejectedValueOnce(new Error('EACCES'));
    expect((await mappings.reload()).problems.map(tellProblem)).toEqual(['mappings:1: cannot be read: EACCES']);
    expect(mappings.current().mappings.size).toBe(1);
  });

  it('never let an older reading overtake a newer one', async () => {
    const answers = [Promise.withResolvers<ReturnType<typeof file>[]>(), Promise.withResolvers<ReturnType<typeof file>[]>()];
    let asked = 0;
    const mappings = createMappings('mappings', () => answers[asked++]?.promise ?? Promise.reject(new Error('asked too often')));
    const both = [mappings.reload(), mappings.reload()];
    answers[1]?.resolve([file('a', other)]);
    answers[0]?.resolve([file('a', gymText)]);
    await Promise.all(both);
    expect(mappings.forChannel('other')).toBeDefined();
  });
});

describe('a watched folder', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function folderWith(text: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'mappings-'));
    undo.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'gym.yaml'), text);
    await writeFile(join(folder, 'README.md'), 'no mapping');
    return folder;
  }

  it('is read again when a file is written or replaced, and no more once stopped', async () => {
    const folder = await folderWith(gymText);
    const mappings = createMappings(folder);
    await mappings.reload();
    undo.push(watchMappings(mappings, folder));
    await writeFile(join(folder, 'gym.yaml'), gymText.replace('version: 1', 'version: 2'));
    await vi.waitFor(() => expect(mappings.current().problems).toHaveLength(1), { timeout: 5000 });
    expect(mappings.current().mappings.size).toBe(1);
    await writeFile(join(folder, '.gym.yaml.new'), other);
    await rename(join(folder, '.gym.yaml.new'), join(folder, 'gym.yaml'));
    await vi.waitFor(() => expect(mappings.forChannel('other')).toBeDefined(), { timeout: 5000 });
    expect(mappings.current().problems).toEqual([]);
  });

  it('is read once for a burst of changes', async () => {
    vi.useFakeTimers();
    undo.push(() => vi.useRealTimers());
    const read = vi.fn(async () => [file('a', gymText)]);
    let changed = () => {};
    const close = vi.fn();
    const stop = watchMappings(createMappings('mappings', read), 'mappings', (_, report) => {
      changed = report;
      return { close };
    });
    for (let n = 0; n < 5; n++) changed();
    expect(read).not.toHaveBeenCalled();
    await vi.runAllTimersAsync();
    expect(read).toHaveBeenCalledTimes(1);
    changed();
    stop();
    await vi.runAllTimersAsync();
    expect(read).toHaveBeenCalledTimes(1);
    expect(close).toHaveBeenCalled();
  });
});

describe('the shipped folder', () => {
  const now = Date.parse('2026-11-19T12:00:00Z');

  it('passes its own check', async () => {
    const checks = await checkMappings(shipped, { now });
    expect(checks.map(({ file: name, ok, problems, warnings }) => ({ name, ok, problems, warnings }))).toEqual([
      { name: 'mappings/academias.yaml', ok: true, problems: [], warnings: [] },
      { name: 'mappings/default.yaml', ok: true, problems: [], warnings: [] },
    ]);
    expect(checks.every(({ examples }) => examples.length > 0)).toBe(true);
  });

  it('is read in the order of its names', async () => {
    expect((await readFolder(shipped)).map(({ file: name }) => name)).toEqual(['mappings/academias.yaml', 'mappings/default.yaml']);
  });

  it('fails its check at a helpdesk that lacks what it names', async () => {
    const { helpdesk } = compiled();
    const schemas = { [helpdesk]: { fields: [], statuses: [], priorities: [], groups: [], agents: [] } };
    const [gym, rest] = await checkMappings(shipped, { now, schemas });
    expect(gym?.ok).toBe(false);
    expect(gym?.problems.length).toBeGreaterThan(10);
    expect(rest?.ok).toBe(true);
  });
});

describe('dates that ops keep by hand', () => {
  it('are missed before they run out', () => {
    const gym = compiled();
    expect(calendarWarnings(gym, Date.parse('2027-10-31T12:00:00Z'))).toEqual([]);
    const [warning] = calendarWarnings(gym, Date.parse('2027-11-03T12:00:00Z'));
    expect(warning && tellProblem(warning)).toContain(
      `${lineWith('warn_when_less')}: calendar.holidays.warn_when_less_than_days_known: closed and short days are known until 2027-12-31 only`,
    );
  });
});
