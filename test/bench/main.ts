/** `npm run bench`: measures the product beside its floors in one run. A missed bar is said, and is no failure: figures depend on the machine. */
import { parseArgs } from 'node:util';
import { countCalls } from './calls.ts';
import { measureClosings } from './closings.ts';
import { measureIdle, measureStart } from './idle.ts';
import { measureIntake } from './intake.ts';
import { barsOf, machine, type Report, textOf } from './report.ts';
import { holds } from './statistics.ts';

const usage = `npm run bench [-- --quick] [-- --json]

  --quick  under a minute instead of under four
  --json   everything that was measured, on standard output
`;

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit();
}

const { quick } = values;
const say = (what: string): void => void process.stderr.write(`measuring ${what}\n`);

async function measure(): Promise<Report> {
  const before = machine();
  say('start to ready');
  const start = await measureStart(quick ? 2 : 7);
  say('calls for each closing');
  const calls = await countCalls();
  // It rests in a process of its own while the others work, and takes nothing from them.
  const resting = measureIdle(quick ? [10] : [10, 60]);
  resting.catch(() => {});
  const intake = await measureIntake({ rounds: 3, seconds: quick ? 0.7 : 3 }, say);
  const closings = await measureClosings({ rounds: 3, closings: quick ? { 0: 120, 50: 40 } : { 0: 500, 50: 200 } }, say);
  say('memory at rest');
  const idle = await resting;
  return { machine: before, quick, intake, closings, calls, idle, start };
}

const report = await measure();
const bars = barsOf(report).map((bar) => ({ ...bar, holds: holds(bar) }));
process.stdout.write(values.json ? `${JSON.stringify({ ...report, bars }, null, 2)}\n` : `${textOf(report)}\n`);
process.exit();
