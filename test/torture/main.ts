#!/usr/bin/env node
/** `npm run torture -- --kills 300 --seed 1`: exit code 0 when nothing acknowledged was lost or doubled, 1 when it was, 2 for a wrong call. */
import { parseArgs } from 'node:util';
import { type AimedPlace, aimedPlaces } from './aim.ts';
import { type TortureReport, torture } from './torture.ts';

const usage = `npm run torture -- [--kills N] [--seed S] [--only PLACE] [--patience SECONDS] [--build FOLDER] [--keep]
  --kills     how often the server is killed (20)
  --seed      the same seed makes the same choices (1)
  --only      all kills at one place: ${aimedPlaces.join(' | ')}
  --patience  how long whoever is under way after the last kill may take to come to an end (60)
  --build     folder of another build of the product
  --keep      keeps database, log and configuration of the run`;

function wrongCall(message: string): never {
  console.error(`${message}\n${usage}`);
  process.exit(2);
}

function readArguments() {
  const text = { type: 'string' } as const;
  const options = { kills: text, seed: text, only: text, patience: text, build: text, keep: { type: 'boolean' } } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return wrongCall(error instanceof Error ? error.message : String(error));
  }
}

const given = readArguments();
const [kills, seed, patience] = [Number(given.kills ?? 20), Number(given.seed ?? 1), Number(given.patience ?? 60)];
if (![kills, seed, patience].every(Number.isInteger) || kills < 0) wrongCall('--kills, --seed and --patience are whole numbers.');
const only = aimedPlaces.find((place): place is AimedPlace => place === given.only);
if (given.only !== undefined && !only) wrongCall(`There is no place "${given.only}".`);

const table = (heading: string, counts: Iterable<readonly [string, number]>): string =>
  [heading, ...[...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `  ${name.padEnd(36)}${String(count).padStart(6)}`)].join('\n');

function print(report: TortureReport): void {
  const of = (kind: string) => report.findings.filter((finding) => finding.kind === kind);
  console.log(table('Kills by place', report.places));
  console.log(table('Faults that vendors and customers met', report.faults));
  console.log(`${report.recognised} posted replies came again and were recognised by their id; ${report.asked} mails are unclear, and a person is asked.`);
  console.log('Effects that land after the look (the fault "late") are left out: the sweep reports them as doubles.');
  for (const { kind, what } of report.findings) console.log(`${kind.toUpperCase()}: ${what}`);
  const others = of('leaked').length + of('wrong').length;
  if (others > 0) console.log(`${of('leaked').length} leaked, ${of('wrong').length} wrong`);
  if (given.keep) console.log(`Kept in ${report.folder}`);
  console.log(`${report.kills} kills: ${report.messages} messages, ${report.closings} closings, ${of('lost').length} lost, ${of('doubled').length} doubled`);
}

const report = await torture({ kills, seed, only, patience, build: given.build, keep: given.keep, say: (line) => console.log(line) });
print(report);
process.exit(report.findings.length > 0 ? 1 : 0);
