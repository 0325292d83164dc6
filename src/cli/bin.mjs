#!/usr/bin/env node
// Plain JavaScript: a Node that cannot run TypeScript must still be able to say so.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) await import('./deskbridge.ts');
else {
  console.error(
    `Deskbridge needs Node 22.18 or newer, and this is Node ${process.versions.node}. In its folder, \`npx deskbridge\` uses the right one after \`npm ci\`.`,
  );
  process.exitCode = 2;
}
