/** The real server in a process of its own, without asking for the built console. Says that it is ready, and on which port. */
import { connectors } from '../../connectors/index.ts';
import { readConfig } from '../../src/config/config.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { startServer } from '../../src/main.ts';

const running = await startServer(readConfig(readEnvironment(process.env), process.env), connectors);
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
console.log(`ready ${running.port}`);
