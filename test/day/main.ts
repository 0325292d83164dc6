#!/usr/bin/env node
/** `npm run day -- --seed 1`: exit code 0 when every message of the day is there once, in order and whole, 1 when not, 2 for a wrong call. */
import { parseArgs } from 'node:util';
import { type DayReport, playDay } from './play.ts';

const usage = `npm run day -- [--conversations N] [--seed S] [--only CONNECTOR,…] [--outages N]
  --conversations  how many (500)
  --seed           the same seed makes the same day (1)
  --only           these connectors alone
  --outages        how often the product goes away meanwhile (3)`;

function wrongCall(message: string): never {
  console.error(`${message}\n${usage}`);
  process.exit(2);
}

function readArguments() {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({ options: { conversations: text, seed: text, only: text, outages: text } }).values;
  } catch (error) {
    return wrongCall(error instanceof Error ? error.message : String(error));
  }
}

function print({ channels, findings, outages }: DayReport): void {
  const columns = ['conversations', 'messages', 'files', 'replies', 'asked', 'again'] as const;
  console.log(['channel'.padEnd(20), ...columns.map((name) => name.padStart(14))].join(''));
  for (const report of channels) console.log([report.channel.padEnd(20), ...columns.map((name) => String(report[name]).padStart(14))].join(''));
  console.log(
    `asked: replies of which a person is asked whether they arrived; again: webhooks that came more than once. The product was away ${outages} times.`,
  );
  for (const { kind, what } of findings) console.log(`${kind.toUpperCase()}: ${what}`);
  const sum = (name: (typeof columns)[number]): number => channels.reduce((total, report) => total + report[name], 0);
  const of = (kind: string): number => findings.filter((finding) => finding.kind === kind).length;
  const wrong = of('wrong') ? `, ${of('wrong')} wrong` : '';
  console.log(
    `${sum('conversations')} conversations: ${sum('messages')} messages, ${sum('files')} files, ${of('lost')} lost, ${of('doubled')} doubled, ${of('out of order')} out of order${wrong}`,
  );
}

const given = readArguments();
const [conversations, seed, outages] = [Number(given.conversations ?? 500), Number(given.seed ?? 1), Number(given.outages ?? 3)];
if (![conversations, seed, outages].every(Number.isInteger) || conversations < 1 || outages < 0)
  wrongCall('--conversations, --seed and --outages are whole numbers.');
const report = await playDay({ conversations, seed, outages, ...(given.only ? { only: given.only.split(',') } : {}), say: (line) => console.log(line) });
print(report);
process.exit(report.findings.length > 0 ? 1 : 0);
