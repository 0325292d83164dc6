#!/usr/bin/env node
// Plain JavaScript: a Node that cannot run TypeScript must still be able to say so.
import { join } from 'node:path';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  // Compiled code is kept from one start to the next: half the work of a start, and, since nothing has to be stripped of its types, a tenth of the memory.
  // Where it cannot be written, nothing is lost.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/deskbridge'));
  await import('./deskbridge.ts');
} else {
  console.error(
    `Deskbridge needs Node 22.18 or newer, and this is Node ${process.versions.node}. In its folder, \`npx deskbridge\` uses the right one after \`npm ci\`.`,
  );
  process.exitCode = 2;
}
