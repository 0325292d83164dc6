/** The default configuration at rest: how soon it is ready, and what it holds resident with nobody there. */
import { setTimeout as wait } from 'node:timers/promises';
import { startProduct } from './product.ts';
import { type Spread, spread } from './statistics.ts';

export interface IdleReport {
  /** Resident megabytes, by seconds after the start. */
  readonly residentMb: Readonly<Record<number, number>>;
}

/** The first start after an installation finds no compiled code yet, and is told apart. */
export interface StartReport {
  readonly firstMs: number;
  readonly laterMs: Spread;
  readonly processorMs: Spread;
}

export async function measureIdle(afterSeconds: readonly number[]): Promise<IdleReport> {
  const product = await startProduct();
  try {
    const residentMb: Record<number, number> = {};
    let waited = 0;
    for (const seconds of afterSeconds) {
      await wait((seconds - waited) * 1000);
      waited = seconds;
      residentMb[seconds] = product.residentMb();
    }
    return { residentMb };
  } finally {
    await product.stop();
  }
}

interface Start {
  readonly ms: number;
  readonly processorMs: number;
}

async function startOnce(cold = false): Promise<Start> {
  const product = await startProduct({ cold });
  await product.stop();
  return { ms: product.readyAfterMs, processorMs: product.readyAfterProcessorMs };
}

/** Each start has a data folder of its own, so the tables are made anew each time. */
export async function measureStart(rounds: number): Promise<StartReport> {
  const first = await startOnce(true);
  // Leaves compiled code behind, if there was none.
  await startOnce();
  const later: Start[] = [];
  for (let round = 0; round < rounds; round += 1) later.push(await startOnce());
  return { firstMs: first.ms, laterMs: spread(later.map(({ ms }) => ms)), processorMs: spread(later.map(({ processorMs }) => processorMs)) };
}
