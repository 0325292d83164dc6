/** Statuses and what they mean. Freshdesk API v2, "List All Ticket Fields": `default_status` choices are id -> [agents' label, customers' label]. */
import type { DeskStatus, StatusMeaning } from '../../src/kit/index.ts';
import type { Desk } from './desk.ts';
import type { FreshdeskSettings } from './settings.ts';
import type { WireField } from './wire.ts';

/** These four exist in every account under any label; all others can be renamed or deleted. */
const fixed: Readonly<Record<string, StatusMeaning>> = { '2': 'open', '3': 'pending', '4': 'resolved', '5': 'closed' };

/** Words in the labels of an account's own statuses, tried in this order. */
const words: readonly [RegExp, StatusMeaning][] = [
  [/client|customer|kunde/i, 'waiting'],
  [/visit|besuch|vor.ort|third|terceir|terzi|dritt|tercer|fornec|hold|campo|técnic/i, 'hold'],
  [/resol|gelöst|risolt|solucion/i, 'resolved'],
  [/clos|fechad|geschlossen|chius|cerrad/i, 'closed'],
  [/pend|aguard|esper|wart|attesa|wait/i, 'pending'],
];

/** A setting names a status by id or by label, whatever its case. */
const names = (one: string, id: string, label: string): boolean => one === id || one.trim().toLowerCase() === label.trim().toLowerCase();

function meaningOf(settings: FreshdeskSettings, id: string, label: string): StatusMeaning {
  const told = Object.entries(settings.statusMeanings).find(([one]) => names(one, id, label));
  return told?.[1] ?? fixed[id] ?? words.find(([word]) => word.test(label))?.[1] ?? 'open';
}

export function statusesOf(fields: readonly WireField[], settings: FreshdeskSettings): DeskStatus[] {
  const choices = fields.find(({ type }) => type === 'default_status')?.choices;
  if (typeof choices !== 'object' || choices === null || Array.isArray(choices)) return [];
  return Object.entries(choices).map(([id, labels]) => {
    const label = String(Array.isArray(labels) ? labels[0] : labels);
    const timer = settings.timerStatuses?.some((one) => names(one, id, label));
    return { id, label, meaning: meaningOf(settings, id, label), ...(timer === undefined ? {} : { timer }) };
  });
}

/** Needs the fields only where the setting speaks of labels. */
export async function timerRuns(desk: Desk, status: string): Promise<boolean> {
  const { settings } = desk.context;
  if (settings.timerStatuses?.includes(status)) return true;
  if (settings.timerStatuses?.every((one) => /^\d+$/.test(one))) return false;
  return statusesOf(await desk.fields(), settings).find(({ id }) => id === status)?.timer === true;
}
