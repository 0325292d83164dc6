#!/usr/bin/env node
/** The command line. Errors are sentences; 1 means that it failed, 2 that the call or the configuration is wrong. */
import { CommanderError } from 'commander';
import { ConfigError } from '../config/environment.ts';
import { Failed } from './print.ts';
import { createProgram } from './program.ts';

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof ConfigError || error instanceof Failed) {
    for (const problem of error instanceof ConfigError ? error.problems : [error.message]) console.error(problem);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  } else throw error;
}
