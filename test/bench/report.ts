/** What the bench says: the figures, and the bars that the product sets itself. */
import os from 'node:os';
import type { CallFigures } from './calls.ts';
import type { ClosingReport } from './closings.ts';
import type { IdleReport, StartReport } from './idle.ts';
import type { IntakeReport } from './intake.ts';
import { type Bar, holds, type Spread } from './statistics.ts';

export interface Report {
  readonly machine: { readonly node: string; readonly processor: string; readonly cores: number; readonly load: readonly number[] };
  readonly quick: boolean;
  readonly intake: IntakeReport;
  readonly closings: ClosingReport;
  readonly calls: readonly CallFigures[];
  readonly idle: IdleReport;
  readonly start: StartReport;
}

export const machine = (): Report['machine'] => ({
  node: process.version,
  processor: os.cpus()[0]?.model ?? 'unknown',
  cores: os.availableParallelism(),
  load: os.loadavg().map((each) => Math.round(each * 100) / 100),
});

const writesAllowed: Readonly<Record<CallFigures['helpdesk'], Readonly<Record<CallFigures['way'], number>>>> = {
  zendesk: { new: 1, 'append and resolve': 1, 'split in three': 4 },
  freshdesk: { new: 2, 'append and resolve': 2, 'split in three': 6 },
};

export function barsOf({ intake, closings, calls, idle, start }: Report): readonly Bar[] {
  const bar = (name: string, bound: Bar['bound'], limit: number, value: number, unit = ''): Bar => ({ name, bound, limit, value, unit });
  const missing = Number.NaN;
  return [
    bar('durable intake at 50 connections, of the floor', 'at least', 0.5, intake.rows.find(({ connections }) => connections === 50)?.ratio.median ?? missing),
    bar('closings at a helpdesk of 0 ms, of bare posts', 'at least', 0.25, closings.rows.find(({ delayMs }) => delayMs === 0)?.ratio.median ?? missing),
    ...calls.map(({ helpdesk, way, writes }) => bar(`writes at ${helpdesk}: ${way}`, 'exactly', writesAllowed[helpdesk][way], writes.length)),
    bar('resident at rest', 'at most', 200, Math.max(...Object.values(idle.residentMb)), 'MB'),
    bar('from start to ready', 'at most', 2000, start.laterMs.median, 'ms'),
  ];
}

const figure = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2));
const ranged = ({ median, least, most }: Spread): string => `${figure(median)} (${figure(least)}-${figure(most)})`;

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()).join('\n');
}

const intakeTable = ({ rows }: IntakeReport): string =>
  table([
    ['connections', '', 'messages/s', 'p50 ms', 'p99 ms', 'of the floor'],
    ...rows.flatMap(({ connections, floor, product, ratio }) => [
      [String(connections), 'floor', ranged(floor.perSecond), ranged(floor.p50Ms), ranged(floor.p99Ms), ''],
      ['', 'product', ranged(product.perSecond), ranged(product.p50Ms), ranged(product.p99Ms), ranged(ratio)],
    ]),
  ]);

const closingTable = ({ rows }: ClosingReport): string =>
  table([
    ['helpdesk', 'bare posts/s', 'closings/s', 'of the posts'],
    ...rows.map(({ delayMs, posts, product, ratio }) => [`${delayMs} ms`, ranged(posts), ranged(product), ranged(ratio)]),
  ]);

const callTable = (calls: readonly CallFigures[]): string =>
  table([
    ['helpdesk', 'closing', 'writes', 'look-ups', 'why more than one write'],
    ...calls.map(({ helpdesk, way, writes, lookUps, reasons }) => [helpdesk, way, String(writes.length), String(lookUps.length), reasons.join('; ')]),
  ]);

const barTable = (bars: readonly Bar[]): string =>
  table(bars.map((bar) => [holds(bar) ? 'PASS' : 'MISS', bar.name, `${figure(bar.value)} ${bar.unit}`.trim(), `${bar.bound} ${bar.limit} ${bar.unit}`.trim()]));

export function textOf(report: Report): string {
  const { machine: on, intake, closings, calls, idle, start } = report;
  const resident = Object.entries(idle.residentMb).map(([seconds, mb]) => `${figure(mb)} after ${seconds} s`);
  return [
    `Node ${on.node}, ${on.cores} cores of ${on.processor}, load ${on.load.join(' ')}. Medians (least-most) of rounds taken in turns.`,
    `\nDurable intake: signed messages of about 1 kB, acknowledged after their commit\n${intakeTable(intake)}`,
    `\nClosings committed ahead, then released; 8 in flight\n${closingTable(closings)}`,
    `\nCalls at the helpdesk for each closing\n${callTable(calls)}`,
    `\nMemory, resident MB: at rest ${resident.join(', ')}; after ${intake.messages.toLocaleString('en')} messages ${figure(intake.residentMbAfterLoad)}; after the closings ${figure(closings.residentMbAfterLoad)}`,
    `Start to ready, ms: ${ranged(start.laterMs)}, of processor time ${ranged(start.processorMs)}; the first after an installation ${figure(start.firstMs)}`,
    `\nBars\n${barTable(barsOf(report))}`,
  ].join('\n');
}
