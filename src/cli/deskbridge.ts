#!/usr/bin/env node
/** The command line. Errors are sentences; 1 means that it failed, 2 that the call or the configuration is wrong. */
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/environment.ts';
import { version } from '../version.ts';
import { connectorsCommand } from './connectors.ts';
import { mappingCommand } from './mapping.ts';
import { openApiCommand } from './openapi.ts';
import { Failed } from './print.ts';
import { replayCommand } from './replay.ts';
import { start } from './start.ts';
import { tokenCommand } from './token.ts';

const program = new Command('deskbridge')
  .description('Turns finished chats into helpdesk tickets.')
  .version(version)
  .addHelpText('after', '\nExit codes: 0 done, 1 failed or something was found wrong, 2 the call or the configuration is wrong.');

program.command('start').description('Starts the server: PORT (3000), data in DATA_DIR (./data), deskbridge.yaml if there is one').action(start);
for (const command of [mappingCommand(), connectorsCommand(), tokenCommand(), replayCommand(), openApiCommand()]) program.addCommand(command);

/** Commander would leave wrong calls with 1, which is for calls that were right and failed. */
function strict(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for what it takes)');
  for (const inner of command.commands) strict(inner);
}
strict(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof ConfigError || error instanceof Failed) {
    for (const problem of error instanceof ConfigError ? error.problems : [error.message]) console.error(problem);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  } else throw error;
}
