/**
 * Messengers tell a phone number and no company. The helpdesk often knows the person, and so for whom they write: what it says is learned
 * before an agent opens the closing dialog. Claimed identities ask nobody: anyone may type another's address.
 */
import type { Identity, Log } from '../kit/index.ts';
import type { Mapping } from '../mapping/evaluate.ts';
import { startLooks } from '../observe/looks.ts';
import { foldName, linkCompany, onlyCompany } from '../people/companies.ts';
import { isThreadScope, threadScopes } from '../people/recognise.ts';
import type { Store } from '../store/store.ts';
import type { Desk } from './desks.ts';

export interface LearnParts {
  readonly store: Store;
  readonly desks: ReadonlyMap<string, Desk>;
  mappingFor(channel: string): Mapping;
  now(): number;
  id(): string;
  readonly log: Log;
}

/** A person whom the helpdesk does not know is asked about again after this long: agents may have added them there. */
const askAgainMs = 30 * 60_000;
/** A helpdesk that did not answer is asked again soon: the agent opens the dialog in a minute. */
const tryAgainMs = 30_000;
/** Look-ups in one round, so that a morning's backlog does not use up the helpdesk's limits. */
const atMost = 10;

interface Unknown {
  readonly id: string;
  readonly channel: string;
  readonly contact_id: string;
}

export interface Learning {
  /** One look at the conversations without a company that are to be filed; resolves with the number of contacts that it learned of. */
  look(): Promise<number>;
}

export function createLearning(parts: LearnParts): Learning {
  const asked = new Map<string, number>();

  async function due(): Promise<readonly Unknown[]> {
    const rows = await parts.store.read
      .selectFrom('conversations')
      .select(['id', 'channel', 'contact_id'])
      // Ended without a ticket, it is still to be filed.
      .where((eb) => eb.or([eb('state', '=', 'open'), eb('filed_at', 'is', null)]))
      .where('company_id', 'is', null)
      // Whoever nobody vouches for yet may be vouched for in a moment, so they do not count as asked.
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('identities')
            .select('identities.id')
            .whereRef('identities.contact_id', '=', 'conversations.contact_id')
            .where('verified', '=', 1)
            .where('scope', 'not like', threadScopes),
        ),
      )
      .orderBy('last_at', 'desc')
      .limit(200)
      .execute();
    const since = parts.now() - askAgainMs;
    for (const [contact, at] of asked) if (at < since) asked.delete(contact);
    const fresh = new Map(rows.filter(({ contact_id }) => !asked.has(contact_id)).map((row) => [row.contact_id, row]));
    return [...fresh.values()].slice(0, atMost);
  }

  async function learn({ channel, contact_id: contact }: Unknown): Promise<boolean> {
    asked.set(contact, parts.now());
    const mapping = parts.mappingFor(channel);
    const desk = parts.desks.get(mapping.company?.source ?? mapping.helpdesk);
    if (!desk?.capabilities.companies || (await hasCompany(parts.store, contact))) return false;
    const identities = await vouchedFor(parts.store, contact);
    const requester = identities.length > 0 ? await desk.lookUp(contact, identities) : null;
    const companies = [requester?.company, ...(requester?.otherCompanies ?? [])].filter((one) => one !== null && one !== undefined);
    if (companies.length === 0) return false;
    const brandField = mapping.company?.brand ?? '';
    await parts.store.batch(async (db) => {
      const person = { db, now: parts.now(), id: parts.id, known: { get: () => undefined, set() {}, forget() {} } };
      for (const { name, fields = {} } of companies) {
        await linkCompany(person, contact, name);
        const brand = textOf(fields[brandField]);
        await db.run('UPDATE companies SET fields = ?, brand = COALESCE(?, brand) WHERE folded = ?', JSON.stringify(fields), brand, foldName(name));
      }
      const only = await onlyCompany(person, contact);
      const waiting = await db.all<{ id: string }>(
        `SELECT id FROM conversations WHERE contact_id = ? AND company_id IS NULL AND (state = 'open' OR filed_at IS NULL)`,
        contact,
      );
      for (const { id } of waiting) {
        await db.run('UPDATE conversations SET company_id = ?, version = version + 1 WHERE id = ?', only, id);
        db.tell('conversation', id);
      }
    });
    return true;
  }

  return {
    async look() {
      let learned = 0;
      for (const unknown of await due()) {
        const known = await learn(unknown).catch((error: unknown) => {
          asked.set(unknown.contact_id, parts.now() - askAgainMs + tryAgainMs);
          parts.log.warn({ err: error, conversation: unknown.id }, 'the helpdesk could not be asked for a company');
          return false;
        });
        if (known) learned += 1;
      }
      return learned;
    },
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const hasCompany = async ({ read }: Store, contact: string): Promise<boolean> =>
  (await read.selectFrom('contact_companies').select('company_id').where('contact_id', '=', contact).executeTakeFirst()) !== undefined;

async function vouchedFor({ read }: Store, contact: string): Promise<readonly Identity[]> {
  const rows = await read.selectFrom('identities').select(['kind', 'value', 'scope']).where('contact_id', '=', contact).where('verified', '=', 1).execute();
  return rows
    .filter(({ scope }) => !isThreadScope(scope))
    .map(({ kind, value, scope }): Identity => ({ kind, value, verified: true, ...(scope ? { scope } : {}) }));
}

export const startLearning = (parts: LearnParts, everyMs = 2_000): { stop(): Promise<void> } =>
  startLooks('learning companies from the helpdesk', createLearning(parts).look, parts.log, everyMs);
