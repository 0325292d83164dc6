/** The ids by which Meta names a customer ("Business-scoped user IDs"). */
export interface Ids {
  /** Business-scoped ids, the strongest first: of the parent portfolio, then of the portfolio itself. */
  readonly accounts: readonly string[];
  /** wa_id: digits without a plus. */
  readonly phone: string | undefined;
}

const isPhone = (id: string | undefined): id is string => id !== undefined && /^\d+$/.test(id);

/** Either list may hold nothing. A "number" that is none has been a user id in its place. */
export function idsFrom(phones: readonly (string | undefined)[], accounts: readonly (string | undefined)[]): Ids {
  const others = phones.filter((id) => !isPhone(id));
  return { accounts: [...new Set([...accounts, ...others].filter((id) => id !== undefined))], phone: phones.find(isPhone) };
}

export const nobody = (ids: Ids): boolean => ids.accounts.length === 0 && ids.phone === undefined;

/** Whose thread it is where nothing is known about the person yet: the strongest id. */
export const firstKey = ({ accounts, phone }: Ids): string => accounts[0] ?? phone ?? '';
