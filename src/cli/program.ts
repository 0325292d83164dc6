/** What can be called, and with what. Each command's code is loaded when it is called, so that help and small commands answer at once. */
import { Command, Option } from 'commander';
import { version } from '../version.ts';

const json = ['--json', 'prints JSON'] as const;

function mappingCommand(): Command {
  const command = new Command('mapping').description('Checks, tries and compares mapping files');
  command
    .command('check')
    .description('Checks every mapping of a folder and runs their own examples; leaves with 1 where something is wrong')
    .argument('[folder]', 'folder of the mappings; MAPPINGS_DIR (./mappings) when absent')
    .option('--live', 'also compares them with the fields, groups and statuses of the configured helpdesks')
    .option(...json)
    .action(async (folder, options) => (await import('./mapping.ts')).check(folder, options));
  command
    .command('preview')
    .description('Shows what a mapping makes of a conversation, each value with its reason and line')
    .argument('<file>', 'the mapping')
    .option('--sample <file>', 'JSON: messages, title, topic, impact, outcome {status, date}, servedCompany {name, brand}, contact {company}, now …')
    .option(...json)
    .action(async (file, options) => (await import('./mapping.ts')).preview(file, options));
  command
    .command('diff')
    .description('Tells by cases what changes between two versions of a mapping')
    .argument('<old>', 'the version in force')
    .argument('<new>', 'the version to come')
    .option(...json)
    .action(async (before, after, options) => (await import('./mapping.ts')).diff(before, after, options));
  return command;
}

function tokenCommand(): Command {
  const command = new Command('token').description('API tokens for programs');
  command
    .command('create')
    .description('Makes an API token in the data folder (DATA_DIR) or database (DATABASE_URL) and prints it once; the server may be running')
    .argument('<name>', 'what the token is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(['agent', 'admin']).default('agent'))
    .option(...json)
    .action(async (name, options) => (await import('./token.ts')).createToken(name, options));
  return command;
}

/** Commander would leave wrong calls with 1, which is for calls that were right and failed. */
function strict(command: Command): Command {
  command.exitOverride().showHelpAfterError('(add --help for what it takes)');
  for (const inner of command.commands) strict(inner);
  return command;
}

export function createProgram(): Command {
  const program = new Command('deskbridge')
    .description('Turns finished chats into helpdesk tickets.')
    .version(version)
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or something was found wrong, 2 the call or the configuration is wrong.');
  program
    .command('start')
    .description('Starts the server: PORT (3000), data in DATA_DIR (./data), deskbridge.yaml if there is one')
    .action(async () => (await import('./start.ts')).start());
  program.addCommand(mappingCommand());
  program
    .command('connectors')
    .description('Lists every connector with its settings')
    .argument('[id]', 'one connector only')
    .option(...json)
    .option('--write-readmes', 'writes the tables in connectors/README.md and in each connector’s README anew')
    .action(async (id, options) => (await import('./connectors.ts')).listConnectors(id, options));
  program.addCommand(tokenCommand());
  program
    .command('replay')
    .description('Has the running server read quarantined arrivals again, after an upgrade or a correction; needs DESKBRIDGE_TOKEN of an admin')
    .argument('[ids...]', 'arrivals, as the quarantine lists them')
    .option('--all', 'all that are in quarantine')
    .option('--url <url>', 'address of the server; PUBLIC_URL or http://localhost:PORT when absent')
    .option(...json)
    .action(async (ids, options) => (await import('./replay.ts')).replay(ids, options));
  program
    .command('openapi')
    .description('Prints the OpenAPI description of the API')
    .option('--write', 'records it in docs/openapi.json instead')
    .action(async (options) => (await import('./openapi.ts')).openApi(options));
  return strict(program);
}
