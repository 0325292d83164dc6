/** Makes each configured connector, with everything that the kit promises it. */

import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { createHistory } from '../intake/history.ts';
import { type BudgetReport, type Closings, createHttp, type Live, type Log } from '../kit/index.ts';
import { createRecords } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { ConnectedChannel, ConnectedHelpdesk } from '../tickets/desks.ts';
import type { Config } from './config.ts';
import { ConfigError } from './environment.ts';
import type { ConfiguredConnector } from './settings.ts';

export interface ConnectParts {
  readonly config: Pick<Config, 'egressAllow' | 'publicUrl' | 'callSeconds' | 'environment'>;
  readonly store: Store;
  readonly log: Log & { child(bindings: object): Log };
  now(): number;
  id(): string;
  /** Where a helpdesk's own rate headers go. */
  budget(target: string, report: BudgetReport): void;
  /** The `live` and `closings` ports of a channel, by its name. */
  live(channel: string): Live;
  closings(channel: string): Closings;
}

export interface Connected {
  readonly channels: ReadonlyMap<string, ConnectedChannel>;
  readonly helpdesks: ReadonlyMap<string, ConnectedHelpdesk>;
  close(): void;
}

/** What a connector says of its settings when it is made (a key of the wrong length) is a problem of the file, like any other. */
function made<T>(make: () => T, tell: ConfiguredConnector['tell'], problems: string[]): T | undefined {
  try {
    return make();
  } catch (error) {
    problems.push(tell(error instanceof Error ? error.message : String(error)));
    return undefined;
  }
}

/** Throws ConfigError with every connector that cannot be made. */
export function connect(configured: readonly ConfiguredConnector[], parts: ConnectParts): Connected {
  const channels = new Map<string, ConnectedChannel>();
  const helpdesks = new Map<string, ConnectedHelpdesk>();
  const closers: (() => void)[] = [];
  const problems: string[] = [];
  for (const { name, title, mails, definition, settings, tell } of configured) {
    const history = createHistory(parts.store, name);
    closers.push(() => history.close());
    const records = createRecords(parts.store, name);
    let http: ReturnType<typeof createHttp> | undefined;
    const context = {
      name,
      settings,
      get http() {
        http ??= createHttp({ egress: { allow: parts.config.egressAllow }, timeoutMs: parts.config.callSeconds * 1000 });
        return http;
      },
      log: parts.log.child({ connector: name }),
      now: parts.now,
      id: parts.id,
      blobs: parts.store.blobs,
      records,
      budget: (report: BudgetReport) => parts.budget(name, report),
      history,
      live: parts.live(name),
      closings: parts.closings(name),
      publicUrl: parts.config.publicUrl,
      folder() {
        // A process of the connector's own may work elsewhere: the path must not depend on where.
        const folder = resolve(parts.config.environment.DATA_DIR, 'connectors', name);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        return folder;
      },
    };
    const common = { name, title, connector: definition.id };
    if (definition.kind === 'channel') {
      const channel = made(() => definition.create(context), tell, problems);
      if (channel) channels.set(name, { ...common, capabilities: definition.capabilities, channel });
      continue;
    }
    const helpdesk = made(() => definition.create(context), tell, problems);
    const { capabilities } = definition;
    if (helpdesk) helpdesks.set(name, { ...common, mails: mails ?? (capabilities.mailsNobody ? 'none' : null), capabilities, helpdesk, records });
  }
  const close = (): void => {
    for (const closer of closers) closer();
  };
  if (problems.length) {
    close();
    throw new ConfigError(problems);
  }
  return { channels, helpdesks, close };
}
