/** Reads the schema of every configured helpdesk, for `mapping check --live`. It keeps nothing and touches no data of the server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { connectors } from '../../connectors/index.ts';
import { readConfig } from '../config/config.ts';
import { connect } from '../config/connect.ts';
import { readEnvironment } from '../config/environment.ts';
import { noPorts } from '../config/ports.ts';
import { configuredConnectors } from '../config/settings.ts';
import type { DeskSchema } from '../kit/index.ts';
import { createLog } from '../observe/log.ts';
import { openStore } from '../store/open.ts';

export interface LiveSchemas {
  /** By configured name. */
  readonly schemas: Readonly<Record<string, DeskSchema>>;
  readonly unreachable: readonly { readonly helpdesk: string; readonly message: string }[];
}

export async function readLiveSchemas(): Promise<LiveSchemas> {
  const config = readConfig(readEnvironment(process.env), process.env);
  const configured = (await configuredConnectors(config, connectors)).filter(({ definition }) => definition.kind === 'helpdesk');
  const folder = await mkdtemp(join(tmpdir(), 'deskbridge-check-'));
  const store = await openStore({ dataFolder: folder });
  const parts = { config, store, log: createLog({ LOG_LEVEL: 'silent' }), now: Date.now, id: () => v7(), budget: () => {}, ...noPorts };
  const connected = connect(configured, parts);
  try {
    const schemas: Record<string, DeskSchema> = {};
    const unreachable: { helpdesk: string; message: string }[] = [];
    await Promise.all(
      [...connected.helpdesks].map(async ([helpdesk, { helpdesk: desk }]) => {
        try {
          schemas[helpdesk] = await desk.schema();
        } catch (error) {
          unreachable.push({ helpdesk, message: error instanceof Error ? error.message : String(error) });
        }
      }),
    );
    return { schemas, unreachable };
  } finally {
    connected.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}
