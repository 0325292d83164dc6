/** The command itself, as it is called: a short run that must hold, and two builds with a planted fault that must not. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { acknowledgedTooEarly, type Planted, type PlantedFault, patched, plant, unjournaled } from './plant.ts';

const command = join(import.meta.dirname, 'main.ts');
const minutes = 60_000;

async function run(...args: string[]): Promise<{ code: number | null; output: string; last: string }> {
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, output: output + errors, last: output.trimEnd().split('\n').at(-1) ?? '' };
}

test('nothing acknowledged is lost or doubled by 20 kills', { timeout: 8 * minutes }, async () => {
  const { code, output, last } = await run('--kills', '20', '--seed', '1');
  expect(last, output).toMatch(/^20 kills: \d+ messages, \d+ closings, 0 lost, 0 doubled$/);
  const [, messages, closings] = /(\d+) messages, (\d+) closings/.exec(last) ?? [];
  expect(Number(messages)).toBeGreaterThan(20);
  expect(Number(closings)).toBeGreaterThan(5);
  expect(code, output).toBe(0);
});

describe('a planted fault is found', () => {
  let planted: Planted | undefined;
  afterEach(() => planted?.remove());

  test('a step that is sent before it is written down doubles tickets', { timeout: 8 * minutes }, async () => {
    planted = plant(unjournaled);
    const { code, output, last } = await run(...aimedAt('helpdesk: done, not answered'), '--build', planted.folder);
    expect(last, output).toMatch(/, [1-9]\d* doubled$/);
    expect(output).toMatch(/DOUBLED: closing .* tickets \[\d+,\d+/);
    expect(code).toBe(1);
  });

  test('a message that is acknowledged before it is written is lost', { timeout: 8 * minutes }, async () => {
    planted = plant(acknowledgedTooEarly);
    const { code, output, last } = await run(...aimedAt('message acknowledged'), '--build', planted.folder);
    expect(last, output).toMatch(/, [1-9]\d* lost, \d+ doubled$/);
    expect(output).toMatch(/LOST: customer message m\d+x\dq .*: 0 instead of 1/);
    expect(code).toBe(1);
  });

  const aimedAt = (place: string): string[] => ['--kills', '8', '--seed', '3', '--patience', '15', '--only', place];
});

test('a fault whose place is gone from the code is an error, and so is one with two places', () => {
  const fault: PlantedFault = { file: 'x.ts', edits: [['old', 'new']] };
  expect(patched('an old line', fault)).toBe('an new line');
  expect(() => patched('another line', fault)).toThrow('0 times');
  expect(() => patched('old and old', fault)).toThrow('2 times');
});
