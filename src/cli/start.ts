/** `deskbridge start`: runs until told to stop, then finishes what is in flight. */
import { flushCompileCache } from 'node:module';
import { connectors } from '../../connectors/index.ts';
import { missingBuild } from '../api/pages.ts';
import { readConfig } from '../config/config.ts';
import { ConfigError, readEnvironment } from '../config/environment.ts';
import { startServer } from '../main.ts';

export async function start(): Promise<void> {
  if (missingBuild()) throw new ConfigError(['The console is not built. Run `npm ci`, or `npm run build`, once.']);
  const config = readConfig(readEnvironment(process.env), process.env);
  const running = await startServer(config, connectors).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') throw new ConfigError([`Port ${config.environment.PORT} is in use. Set PORT to another one.`]);
    throw error;
  });
  console.log(`Deskbridge is ready: ${config.publicUrl}`);
  if (running.setupLink) console.log(`Make the first administrator (works once): ${running.setupLink}`);
  // Kept now and not only at the end, which a crash would not reach; once the first requests are answered.
  setTimeout(flushCompileCache, 1_000).unref();
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void running.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}
