/** Durable webhook intake: messages acknowledged after their commit, of the product and of the floor, in turns. */
import type { LoadOrder, LoadReport } from './load.ts';
import { newSecret } from './messages.ts';
import { startPeer } from './processes.ts';
import { startProduct } from './product.ts';
import { percentile, ratios, type Spread, spread } from './statistics.ts';

export interface IntakeSide {
  readonly perSecond: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
}

export interface IntakeFigures {
  readonly connections: number;
  readonly floor: IntakeSide;
  readonly product: IntakeSide;
  readonly ratio: Spread;
}

export interface IntakeReport {
  readonly rows: readonly IntakeFigures[];
  readonly residentMbAfterLoad: number;
  readonly messages: number;
}

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
}

/** More than any server here takes in a second. */
const mostPerSecond = (connections: number): number => (connections === 1 ? 4_000 : 16_000);

const sideOf = (reports: readonly LoadReport[]): IntakeSide => ({
  perSecond: spread(reports.map(({ acknowledged, seconds }) => acknowledged / seconds)),
  p50Ms: spread(reports.map(({ latenciesMs }) => percentile(latenciesMs, 50))),
  p99Ms: spread(reports.map(({ latenciesMs }) => percentile(latenciesMs, 99))),
});

const perSecond = ({ acknowledged, seconds }: LoadReport): number => acknowledged / seconds;

export async function measureIntake(effort: Effort, say: (what: string) => void): Promise<IntakeReport> {
  const secret = newSecret();
  const floor = await startPeer<{ url: string }>('floor-intake.ts', secret);
  const load = await startPeer<object>('load.ts');
  const product = await startProduct({ config: { channels: { bench: { connector: 'webhook', secret } } } });
  const targets = { floor: floor.hello.url, product: `${product.url}/hooks/bench` };
  let runs = 0;
  let messages = 0;
  const shoot = async (side: keyof typeof targets, connections: number, seconds: number): Promise<LoadReport> => {
    const order: LoadOrder = { url: targets[side], secret, run: `run${++runs}`, connections, seconds, most: Math.ceil(mostPerSecond(connections) * seconds) };
    const report = await load.ask<LoadReport>(order);
    if (report.refused > 0) throw new Error(`${side} refused ${report.refused} of ${report.acknowledged + report.refused} messages`);
    if (side === 'product') messages += report.acknowledged;
    return report;
  };
  try {
    for (const side of ['floor', 'product'] as const) await shoot(side, 10, Math.min(1, effort.seconds));
    const rows: IntakeFigures[] = [];
    for (const connections of [1, 10, 50]) {
      say(`intake at ${connections} connection${connections === 1 ? '' : 's'}`);
      const reports: Record<keyof typeof targets, LoadReport[]> = { floor: [], product: [] };
      for (let round = 0; round < effort.rounds; round += 1)
        for (const side of ['floor', 'product'] as const) reports[side].push(await shoot(side, connections, effort.seconds));
      const ratio = ratios(reports.product.map(perSecond), reports.floor.map(perSecond));
      rows.push({ connections, floor: sideOf(reports.floor), product: sideOf(reports.product), ratio });
    }
    return { rows, messages, residentMbAfterLoad: product.residentMb() };
  } finally {
    await Promise.all([floor.stop(), load.stop(), product.stop()]);
  }
}
