#!/usr/bin/env node
/** The command line. Errors are sentences; 1 means that it failed, 2 that the call or the configuration is wrong. */
import { Command } from 'commander';
import { ConfigError } from '../config/environment.ts';
import { version } from '../version.ts';
import { start } from './start.ts';

const program = new Command('deskbridge').description('Turns finished chats into helpdesk tickets.').version(version).showHelpAfterError();

program.command('start').description('Starts the server: PORT (3000), data in DATA_DIR (./data), deskbridge.yaml if there is one').action(start);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  for (const problem of error.problems) console.error(problem);
  process.exitCode = 2;
}
