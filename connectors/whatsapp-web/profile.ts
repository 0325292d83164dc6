/** The browser's profile of a linked number: where it is, and that no browser of an earlier run holds it. */
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const usualPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable', '/usr/bin/google-chrome', '/snap/bin/chromium'];

export const findBrowser = (configured: string | undefined): string | undefined => configured ?? usualPlaces.find((path) => existsSync(path));

/** LocalAuth takes letters, digits, `_` and `-` only; what else a channel's name holds is written as its code, so that two names stay two. */
export const clientIdOf = (channel: string): string => channel.replace(/[^A-Za-z0-9-]/g, (character) => `_${character.codePointAt(0)?.toString(16)}_`);

export const profileOf = (folder: string, clientId: string): string => join(folder, `session-${clientId}`);

interface ProcessLine {
  readonly group: number;
  readonly state: string;
}

/** Of Linux' /proc; undefined for a process that is gone, and on systems without it. */
function processLine(pid: number): ProcessLine | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may hold anything.
    const [state = '', , group = ''] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, group: Number(group) };
  } catch {
    return undefined;
  }
}

const isAlive = (line: ProcessLine | undefined): boolean => line !== undefined && line.state !== 'Z' && line.state !== 'X';

/** Living members of a process group. A dead one that nobody has collected does not count. */
export function membersOf(group: number): readonly number[] {
  if (!existsSync('/proc/self/stat')) {
    try {
      process.kill(-group, 0);
      return [group];
    } catch {
      return [];
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const line = processLine(pid);
      return line?.group === group && isAlive(line);
    });
}

async function until(condition: () => boolean, ms: number): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await wait(20)) if (condition()) return true;
  return condition();
}

/** kill -9 of a whole group; resolves once nothing of it is left. */
export async function killGroup(group: number): Promise<boolean> {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It is gone already.
  }
  return until(() => membersOf(group).length === 0, 10_000);
}

/** The lock is a link to `<host>-<pid>`. Only a browser that runs on this very profile is ours to end. */
function holderOf(profile: string): number | undefined {
  try {
    const target = readlinkSync(join(profile, 'SingletonLock'));
    const dash = target.lastIndexOf('-');
    const pid = Number(target.slice(dash + 1));
    if (target.slice(0, dash) !== hostname() || !isAlive(processLine(pid))) return undefined;
    const told = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return told.includes(`--user-data-dir=${profile}`) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Ends a browser that an earlier run left on the profile, and removes its locks: a container that got another host name could never start again. */
export async function freeProfile(profile: string): Promise<void> {
  const pid = holderOf(profile);
  if (pid !== undefined) {
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(processLine(pid)), 10_000);
  }
  for (const name of ['SingletonLock', 'SingletonCookie', 'SingletonSocket']) rmSync(join(profile, name), { force: true });
}
