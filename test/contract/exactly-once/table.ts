/** Helpdesk by operation by fault, as numbers of effects. */
import type { EffectCount } from '../helpdesk/effects.ts';

/** 1 is what it must be; the places of a link are two, one a ticket, and one effect together. */
const effects = ({ places, effect }: EffectCount): number => places / effect;

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Of all trials that share a cell, the one that is farthest from 1. */
function worst(counts: readonly EffectCount[]): string {
  if (!counts.length) return '-';
  const [first = Number.NaN] = counts.map(effects).sort((a, b) => Math.abs(b - 1) - Math.abs(a - 1));
  return first === 1 ? '1' : `${Number(first.toFixed(2))} !`;
}

function tableOf(helpdesk: string, counts: readonly EffectCount[]): string {
  const operations = distinct(counts.map(({ operation }) => operation));
  const faults = distinct(counts.map(({ fault }) => fault));
  const cell = (fault: string, operation: string): string => worst(counts.filter((count) => count.fault === fault && count.operation === operation));
  const rows = [[helpdesk, ...operations], ...faults.map((fault) => [fault, ...operations.map((operation) => cell(fault, operation))])];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((text, column) => (column ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[0] ?? 0))).join('  ')).join('\n');
}

export interface Measured {
  readonly counts: readonly EffectCount[];
  /** Names of tests that failed, whatever they had counted, and errors beside any test. */
  readonly failed: readonly string[];
  /** Connectors of helpdesks for which nothing was counted at all. */
  readonly uncounted: readonly string[];
}

export function report({ counts, failed, uncounted }: Measured): { readonly text: string; readonly good: boolean } {
  const tables = distinct(counts.map(({ helpdesk }) => helpdesk)).map((name) =>
    tableOf(
      name,
      counts.filter(({ helpdesk }) => helpdesk === name),
    ),
  );
  const wrong = counts.filter((count) => effects(count) !== 1).length;
  const good = counts.length > 0 && !wrong && !failed.length && !uncounted.length;
  const lines = [
    ...failed.map((name) => `failed: ${name}`),
    ...uncounted.map((id) => `nothing was counted for ${id}`),
    `${counts.length} operations under faults, ${wrong} of them without exactly one effect`,
  ];
  return { text: [...tables, lines.join('\n')].join('\n\n'), good };
}
