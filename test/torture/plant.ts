/** A copy of the product with a fault planted in it, to show that a run finds it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface PlantedFault {
  readonly file: string;
  /** Texts of the file, and what the fault makes of them. */
  readonly edits: readonly (readonly [anchor: string, fault: string])[];
}

/** A step is sent before it is written down: whoever dies in between sends it again. */
export const unjournaled: PlantedFault = {
  file: 'src/delivery/steps.ts',
  edits: [['    await journal.save(name, record);\n    let result: Result;', '    let result: Result;']],
};

/** A message is acknowledged first and written a moment later, as by a database that does not wait for its disk. */
export const acknowledgedTooEarly: PlantedFault = {
  file: 'src/intake/group.ts',
  edits: [
    ['      await together(some);', '      await new Promise((later) => setTimeout(later, 50));\n      await together(some);'],
    ['      return promise;', "      return Promise.resolve({ arrival: 'later', state: 'stored' } as Result);"],
  ],
};

const root = resolve(import.meta.dirname, '../..');

/** Throws when a text is gone, or is there more than once: then the fault must be planted anew. */
export const patched = (text: string, { file, edits }: PlantedFault): string =>
  edits.reduce((before, [anchor, fault]) => {
    const places = before.split(anchor).length - 1;
    if (places !== 1) throw new Error(`${file} holds ${places} times what the planted fault replaces: ${anchor}`);
    return before.replace(anchor, () => fault);
  }, text);

export interface Planted {
  readonly folder: string;
  remove(): void;
}

export function plant(...faults: readonly PlantedFault[]): Planted {
  const folder = mkdtempSync(join(tmpdir(), 'deskbridge-planted-'));
  for (const part of ['src', 'connectors', 'dist', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const fault of faults) {
    const path = join(folder, fault.file);
    writeFileSync(path, patched(readFileSync(path, 'utf8'), fault));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
