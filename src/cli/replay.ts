/** `deskbridge replay`: has the running server read quarantined arrivals again. The server does it, because it alone holds channels and clock. */
import { z } from 'zod';
import { readConfig } from '../config/config.ts';
import { ConfigError, readEnvironment } from '../config/environment.ts';
import { Failed, printJson } from './print.ts';

interface Options {
  readonly all?: true;
  readonly url?: string;
  readonly json?: true;
}

const report = z.object({ replayed: z.number(), kept: z.array(z.string()) });

async function ask(url: string, token: string, ids: readonly string[]): Promise<z.output<typeof report>> {
  const response = await fetch(`${url}/api/quarantine/replay`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(ids.length ? { ids } : {}),
  }).catch((error: unknown) => {
    throw new Failed(
      `No server answers at ${url} (${error instanceof Error ? ((error.cause as { code?: string } | undefined)?.code ?? error.message) : error}).`,
    );
  });
  if (response.status === 401) throw new ConfigError(['The server does not know this token.']);
  if (response.status === 403) throw new ConfigError(['This token is an agent’s; replaying needs one with --role admin.']);
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = report.safeParse(body);
  if (!response.ok || !parsed.success) throw new Failed(`${url} answered ${response.status} and not what a Deskbridge would.`);
  return parsed.data;
}

export async function replay(ids: readonly string[], options: Options): Promise<void> {
  if (ids.length === 0 && !options.all) throw new ConfigError(['Name the arrivals to replay, or say --all.']);
  if (ids.length > 0 && options.all) throw new ConfigError(['Name arrivals or say --all, not both.']);
  const token = process.env.DESKBRIDGE_TOKEN;
  if (!token) throw new ConfigError(['Set DESKBRIDGE_TOKEN to an API token: deskbridge token create replay --role admin']);
  const url = (options.url ?? readConfig(readEnvironment(process.env), process.env).publicUrl).replace(/\/+$/, '');
  const { replayed, kept } = await ask(url, token, ids);
  if (options.json) printJson({ replayed, kept });
  else console.log(`${replayed} understood now, ${kept.length} still not${kept.length ? `: ${kept.join(', ')}` : ''}.`);
  if (kept.length > 0) process.exitCode = 1;
}
