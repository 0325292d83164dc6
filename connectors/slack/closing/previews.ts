/** Which messages each shown preview was about: ids alone, so that the same button pressed twice asks for the same thing. */
import type { Context } from '../../../src/kit/index.ts';

type Covered = readonly (readonly string[])[];

const collection = 'previews';
const keepMs = 24 * 3_600_000;
const place = (now: number): { sort: string } => ({ sort: String(now).padStart(15, '0') });

export async function rememberPreview({ records, now }: Context<unknown>, key: string, covered: Covered): Promise<void> {
  await records.insert(
    collection,
    key,
    covered.map((ids) => [...ids]),
    place(now()),
  );
}

export const coveredBy = ({ records }: Context<unknown>, key: string): Promise<Covered | undefined> => records.get<string[][]>(collection, key);

export async function forgetOldPreviews({ records, now }: Context<unknown>): Promise<void> {
  for (const { key } of await records.list(collection, { after: place(now() - keepMs).sort })) await records.delete(collection, key);
}
