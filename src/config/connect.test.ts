import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { quiet } from '../../test/support/context.ts';
import { sqliteTestStore, type TestStore } from '../../test/support/store.ts';
import type { ChannelDefinition, Context } from '../kit/index.ts';
import { newId } from '../store/ids.ts';
import { connect } from './connect.ts';
import { readEnvironment } from './environment.ts';
import { noPorts } from './ports.ts';

let test: TestStore;
let folder: string;
beforeEach(async () => {
  test = await sqliteTestStore();
  folder = await mkdtemp(join(tmpdir(), 'connect-'));
});
afterEach(async () => {
  await test.drop();
  await rm(folder, { recursive: true });
});

it('gives a connector its folder by an absolute path, though the data folder is named by a relative one', () => {
  let context: Context<unknown> | undefined;
  const definition = {
    kind: 'channel',
    id: 'toy',
    title: 'Toy',
    settings: z.object({}),
    capabilities: {},
    create(given: Context<unknown>) {
      context = given;
      return { intake: [] };
    },
  } as unknown as ChannelDefinition;
  const environment = readEnvironment({ DATA_DIR: relative(process.cwd(), folder) });
  connect([{ name: 'one', title: 'One', mails: null, definition, settings: {}, tell: (message) => message }], {
    config: { egressAllow: [], publicUrl: 'http://localhost', callSeconds: 1, environment },
    store: test.store,
    log: { ...quiet, child: () => ({ ...quiet, child: () => quiet }) } as never,
    now: Date.now,
    id: newId,
    budget() {},
    ...noPorts,
  });
  const own = context?.folder() ?? '';
  expect(isAbsolute(own)).toBe(true);
  expect(own).toBe(join(folder, 'connectors/one'));
});
