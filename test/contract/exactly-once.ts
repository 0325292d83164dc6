#!/usr/bin/env node
/** `npm run test:exactly-once`: exit code 0 when every operation had exactly one effect at every helpdesk under every fault and restart of the contract suite. */
import { basename, dirname } from 'node:path';
import { type Reporter, startVitest, type TestCase } from 'vitest/node';
import { connectors } from '../../connectors/index.ts';
import { report } from './exactly-once/table.ts';

const loaded = await Promise.all(Object.values(connectors).map(async (load) => (await load()).default));
const helpdesks = loaded.filter(({ kind }) => kind === 'helpdesk').map(({ id }) => id);

/** The tests of `faults.ts` and `restarts.ts` under `helpdesk/` that count effects. */
const counting = /keeps the contract of a helpdesk .*(has one effect|makes no further effect|is obeyed)/;

const tests: TestCase[] = [];
const errors: string[] = [];
const collector: Reporter = {
  onTestCaseResult: (test) => void tests.push(test),
  onTestRunEnd(modules, unhandled) {
    errors.push(...unhandled.map(({ message }) => message));
    for (const module of modules) errors.push(...module.errors().map(({ message }) => `${module.relativeModuleId}: ${message}`));
  },
};

const vitest = await startVitest(
  'test',
  helpdesks.map((id) => `connectors/${id}/`),
  { watch: false, retry: 0, testNamePattern: counting, reporters: [collector] },
);
await vitest.close();

const counted = tests.filter((test) => test.meta().effects?.length);
const folders = counted.map(({ module }) => basename(dirname(module.moduleId)));
const { text, good } = report({
  counts: counted.flatMap((test) => test.meta().effects ?? []),
  failed: [...errors, ...tests.filter((test) => test.result().state === 'failed').map(({ fullName }) => fullName)],
  uncounted: helpdesks.filter((id) => !folders.includes(id)),
});
console.log(text);
process.exitCode = good ? 0 : 1;
