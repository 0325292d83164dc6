/** Lines, gaps and reasons of the server, by key, in the agent's language. */
import type { TFunction } from 'i18next';
import { ymdText } from '../parts/format.ts';
import { type Missing, type PlanLine, type Reason, wordsOfLine, wordsOfMissing, wordsOfReason } from './plan-words.ts';

export type { Missing, PlanLine };

export const textOfLine = (t: TFunction, line: PlanLine): string => wordsOfLine({ t, day: ymdText }, line);
export const textOfMissing = (t: TFunction, missing: Missing): string => wordsOfMissing({ t }, missing);
export const textOfReason = (t: TFunction, reason: Reason): string => wordsOfReason({ t }, reason);

export const sameLine = (a: PlanLine, b: PlanLine): boolean => a.part === b.part && a.key === b.key && JSON.stringify(a.values) === JSON.stringify(b.values);
