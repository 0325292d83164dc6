/** `npm run sandbox`: tries everything without an account anywhere. */
import { Command, CommanderError } from 'commander';
import { missingBuild } from '../../api/pages.ts';
import { ConfigError, readEnvironment } from '../../config/environment.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

function tell({ url, page, helpdesks, signIn }: Sandbox): void {
  console.log('The sandbox is ready. All people, gyms and helpdesks in it are made up; nothing leaves this machine.\n');
  console.log(`  Deskbridge       ${url}`);
  if (signIn) console.log(`  sign in          ${signIn.email}  ${signIn.password}`);
  else console.log('  sign in          as the last time (data was kept)');
  console.log(`  a gym's site     ${page}  (the chat in the corner)`);
  for (const [name, address] of Object.entries(helpdesks)) console.log(`  ${name.padEnd(15)}  ${address}  (simulated)`);
  console.log('\nThe demo day waits in the inbox. End a conversation with E. Stop with Ctrl+C.');
}

async function run({ keep = false }: { keep?: boolean }): Promise<void> {
  if (missingBuild()) throw new ConfigError(['The console is not built. Run `npm ci`, or `npm run build`, once.']);
  const { PORT, LOG_LEVEL } = readEnvironment(process.env);
  const sandbox = await startSandbox({
    port: PORT,
    host: process.env.HOST ?? '127.0.0.1',
    dataFolder: './sandbox-data',
    keep,
    logLevel: process.env.LOG_LEVEL ? LOG_LEVEL : 'warn',
  }).catch((error: NodeJS.ErrnoException & { port?: number }) => {
    if (error.code === 'EADDRINUSE')
      throw new ConfigError([`Port ${error.port} is in use. Set PORT to another one; the sandbox takes it and the three above.`]);
    throw error;
  });
  tell(sandbox);
  const stop = (): void => void sandbox.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

const program = new Command('sandbox')
  .description('Deskbridge with simulated helpdesks, a demo page and a day of conversations that wait to be closed. Data lies in ./sandbox-data.')
  .option('--keep', 'goes on with the data of the last time instead of a fresh day')
  .exitOverride()
  .showHelpAfterError()
  .action(run);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof ConfigError) {
    for (const problem of error.problems) console.error(problem);
    // Whatever was started before it would keep the process alive.
    process.exit(2);
  } else throw error;
}
