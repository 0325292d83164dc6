/** Keys that the installation makes for itself at its first start, readable by its owner alone. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '../kit/index.ts';

export function ownKey(dataFolder: string, name: string): Secret {
  const path = join(dataFolder, `${name}.key`);
  if (!existsSync(path)) {
    mkdirSync(dataFolder, { recursive: true });
    writeFileSync(path, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  }
  return new Secret(readFileSync(path, 'utf8').trim());
}
