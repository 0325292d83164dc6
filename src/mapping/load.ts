/** The thin edge: reads the folder, holds what is in force, and reads again when files change. */
import { type FSWatcher, watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ConnectorError } from '../kit/index.ts';
import type { CompiledMapping } from './compile.ts';
import { accept, EMPTY, type InForce, type MappingText, mappingFor } from './folder.ts';

/** The mapping files of a folder, by name; files are told as `<folder>/<name>`. */
export async function readFolder(folder: string): Promise<readonly MappingText[]> {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.')).toSorted();
  return Promise.all(names.map(async (name) => ({ file: `${basename(resolve(folder))}/${name}`, text: await readFile(join(folder, name), 'utf8') })));
}

export interface Mappings {
  current(): InForce;
  /** The mapping that a channel's conversations are closed by. */
  forChannel(channel: string): CompiledMapping | undefined;
  /** Reads all files again; what is broken is refused and the last good version stays. Never rejects. */
  reload(): Promise<InForce>;
  /** Calls back after a reload that changed what is in force or what is wrong; returns the unsubscriber. */
  onChange(listener: (now: InForce) => void): () => void;
}

const signature = ({ mappings, problems }: InForce): string =>
  JSON.stringify([[...mappings.values()].map(({ file, version }) => [file, version]).toSorted(), problems]);

/** Holds the mappings of a folder; empty until the first `reload`. */
export function createMappings(folder: string, read: (folder: string) => Promise<readonly MappingText[]> = readFolder): Mappings {
  const listeners = new Set<(now: InForce) => void>();
  let inForce = EMPTY;
  let running: Promise<unknown> = Promise.resolve();
  const once = async (): Promise<InForce> => {
    const before = signature(inForce);
    try {
      inForce = accept(inForce, await read(folder));
    } catch (error) {
      const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      inForce = { ...inForce, problems: [{ file: folder, line: 1, path: '', message }] };
    }
    if (signature(inForce) !== before) for (const listener of listeners) listener(inForce);
    return inForce;
  };
  return {
    current: () => inForce,
    forChannel: (channel) => mappingFor(inForce, channel),
    reload() {
      // One after the other, or an older reading could overtake a newer one.
      const next = running.then(once);
      running = next.catch(() => undefined);
      return next;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** For planning, which cannot go on without one. Throws ConnectorError `refused` in words for ops. */
export const mappingOf =
  (mappings: Mappings) =>
  (channel: string): CompiledMapping => {
    const mapping = mappings.forChannel(channel);
    if (!mapping) throw new ConnectorError('refused', `No mapping in force names the channel ${channel}, and none is for any channel.`);
    return mapping;
  };

/** Editors write a file in several steps; this long after the last one it is read. Milliseconds. */
const QUIET_MS = 200;

/** Reloads when the folder changes; returns how to stop. `watching` is fs.watch unless a test brings its own. */
export function watchMappings(
  mappings: Mappings,
  folder: string,
  watching: (folder: string, changed: () => void) => Pick<FSWatcher, 'close'> = watch,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watching(folder, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void mappings.reload(), QUIET_MS);
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
