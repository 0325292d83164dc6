#!/usr/bin/env node
/** The command line. Nothing else is imported here: what is imported by name is compiled before the first line runs. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Compiled code is kept from one start to the next: half the work of a start, and 25 MB less at rest. Where it cannot be written, nothing is lost.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/deskbridge'));

const { run } = await import('./run.ts');
await run();
