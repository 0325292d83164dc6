/** What the environment decides, and nothing else: where data lies, which port, which databases. */
import { z } from 'zod';

const flag = z
  .enum(['true', 'false', '1', '0'])
  .default('false')
  .transform((value) => value === 'true' || value === '1');

export const environmentSchema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000).describe('Port of the server'),
  HOST: z.string().default('0.0.0.0').describe('Address to listen on'),
  DATA_DIR: z.string().default('./data').describe('Folder of the database, files and keys'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('PostgreSQL; SQLite in DATA_DIR when absent'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://desk.example.com' })
    .refine(
      (url) => !URL.canParse(url) || new URL(url).pathname === '/',
      'must have no path: Deskbridge wants an address of its own, such as https://desk.example.com',
    )
    .optional()
    .describe('Address that customers, vendors and agents use; http://localhost:PORT when absent'),
  TRUST_PROXY: z.coerce.number().int().min(0).max(10).default(0).describe('Number of proxies in front, whose X-Forwarded-For is believed'),
  DESKBRIDGE_CONFIG: z.string().optional().describe('Path of deskbridge.yaml; ./deskbridge.yaml when it exists'),
  MAPPINGS_DIR: z.string().default('./mappings').describe('Folder of the mappings'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info').describe('How much is logged'),
  EGRESS_ALLOW_LOOPBACK: flag.describe('Lets connectors reach this machine: for the sandbox and tests only'),
});
export type Environment = z.output<typeof environmentSchema>;

/** Throws one error that names every variable that is wrong. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const present = Object.fromEntries(Object.entries(variables).filter(([name, value]) => name in environmentSchema.shape && value !== ''));
  const result = environmentSchema.safeParse(present);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => `environment: ${issue.path.join('.')}: ${issue.message}`));
}

/** Everything that is wrong with a configuration, one line each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
