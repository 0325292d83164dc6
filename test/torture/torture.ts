/** One run: set up, kill and go on, let everything come to its end, compare. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Dovecot, skipWithoutDovecot, startDovecot } from '../support/dovecot.ts';
import { createAgent } from './agent.ts';
import { type AimedPlace, createAim, type Place } from './aim.ts';
import { type ChannelName, canary } from './cases.ts';
import { compareMessages, compareReplies } from './compare-messages.ts';
import { compareDeliveries, compareTickets } from './compare-tickets.ts';
import { drain } from './drain.ts';
import type { FaultCounts } from './faults.ts';
import type { Finding } from './findings.ts';
import { heldTickets } from './held.ts';
import { killAgainAndAgain } from './kills.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { type Outside, startOutside } from './outside.ts';
import { createPatient } from './patient.ts';
import { randomFrom } from './random.ts';
import { createSenders } from './senders.ts';
import { type ServerUnderTest, serverUnderTest } from './server.ts';
import { writeConfiguration } from './setup.ts';
import { makeToken } from './sign-in.ts';
import { shownTo } from './watching.ts';
import { startWork } from './work.ts';

export interface TortureOptions {
  readonly kills: number;
  readonly seed: number;
  /** All kills at one place. */
  readonly only?: AimedPlace | undefined;
  /** How long whoever is under way after the last kill may take to come to an end; seconds. */
  readonly patience: number;
  /** Folder of another build of the product. */
  readonly build?: string | undefined;
  /** Keeps the run's folder: database, logs, configuration. */
  readonly keep?: boolean | undefined;
  say(line: string): void;
}

export interface TortureReport {
  readonly kills: number;
  readonly messages: number;
  readonly closings: number;
  readonly places: ReadonlyMap<Place, number>;
  readonly faults: FaultCounts;
  /** Posted replies that came again and were recognised by their id. */
  readonly recognised: number;
  /** Mails of which nobody can tell whether they left: a person is asked. */
  readonly asked: number;
  readonly findings: readonly Finding[];
  readonly folder: string;
}

const root = resolve(import.meta.dirname, '../..');
/** For the deliveries that are left then. */
const drainMs = 120_000;

export async function torture(options: TortureOptions): Promise<TortureReport> {
  const folder = mkdtempSync(join(tmpdir(), 'deskbridge-torture-'));
  const server = await serverUnderTest({ build: options.build ?? root, folder });
  const aim = createAim(server.kill);
  const outside = await startOutside(options.seed, aim);
  const dovecot = skipWithoutDovecot() ? undefined : await startDovecot();
  if (!dovecot) options.say('Mail is left out: there is no Dovecot on this machine.');
  writeConfiguration(folder, outside, dovecot);
  try {
    return await run(options, folder, server, aim, outside, dovecot);
  } finally {
    server.kill();
    await server.gone();
    await outside.close();
    await dovecot?.stop();
    if (!options.keep && existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  }
}

async function run(
  options: TortureOptions,
  folder: string,
  server: ServerUnderTest,
  aim: ReturnType<typeof createAim>,
  outside: Outside,
  dovecot: Dovecot | undefined,
): Promise<TortureReport> {
  const { kills, seed, only, say } = options;
  server.launch();
  await server.up();
  const token = await makeToken(server);
  const db = new Sqlite(join(folder, 'data/deskbridge.sqlite'), { readonly: true });
  const ledger = createLedger();
  const over = new AbortController();
  const patient = createPatient(server, over.signal);
  const channels: [ChannelName, ...ChannelName[]] = ['program', 'site-chat', ...(dovecot ? (['mail'] as const) : [])];
  const held = () => heldTickets(outside, db);
  const senders = createSenders({ patient, ledger, aim, dovecot });
  const work = startWork({ seed, channels, senders, agent: createAgent({ patient, ledger, aim, token }), ledger, held });
  outside.faultsOn();
  const began = Date.now();
  const killed = (count: number): void => {
    if (count % 10 > 0 && count < kills) return;
    say(`${count}/${kills} kills, ${ledger.messages.size} messages, ${ledger.closings.length} closings, ${Math.round((Date.now() - began) / 1000)} s`);
  };
  const places = await killAgainAndAgain({ server, aim, random: randomFrom(seed, -2), kills, only, killed });
  await server.up();
  outside.faultsOff();
  say('Faults are off; what is under way comes to its end.');
  const deadline = setTimeout(() => over.abort(new Error('it did not come to its end in time')), options.patience * 1000);
  await work.finish();
  clearTimeout(deadline);
  await drain(db, server, token, drainMs);
  const { findings, asked } = await compare(server, outside, db, ledger);
  db.close();
  const counts = { kills, messages: ledger.messages.size, closings: ledger.closings.length };
  return { ...counts, places, faults: outside.faults, recognised: outside.recognised(), asked, findings, folder };
}

async function compare(
  server: ServerUnderTest,
  outside: Outside,
  db: Sqlite.Database,
  ledger: Ledger,
): Promise<{ findings: readonly Finding[]; asked: number }> {
  const shown = new Map<string, readonly string[]>();
  for (const [visitor, token] of ledger.visitors) shown.set(visitor, await shownTo(server, token));
  const deliveries = compareDeliveries(db, ledger);
  const open = [outside.freshdesk, outside.zendesk].filter((desk) => desk.requesterSees().includes(canary));
  return {
    asked: deliveries.asked,
    findings: [
      ...server.crashes.map((what): Finding => ({ kind: 'wrong', what })),
      ...[...ledger.unfinished].map(([n, why]): Finding => ({ kind: 'lost', what: `case ${n} did not come to its end: ${why}` })),
      ...compareMessages(db, ledger),
      ...compareReplies(db, ledger, outside, shown),
      ...deliveries.findings,
      ...compareTickets(ledger, heldTickets(outside, db)),
      ...open.map(({ url }): Finding => ({ kind: 'leaked', what: `a requester at ${url} reads internal text` })),
    ],
  };
}
