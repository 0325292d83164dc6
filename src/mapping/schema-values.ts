/** The sections of a mapping file that give a ticket its values. */
import { z } from 'zod';
import { Name, PerHelpdesk, text } from './schema-parts.ts';

export const ImpactLevel = z.strictObject({
  id: Name,
  priority: PerHelpdesk.describe("A priority of the helpdesk, by id or label; low, normal (or medium), high and urgent fit any helpdesk's four."),
  label: z.string().min(1).describe('The fact, in the words of an agent.'),
});

/** A status by id or label, or a category with the custom status in it. */
export const StatusName = z.union([Name, z.strictObject({ status: Name, custom: Name })]);
export type StatusName = z.output<typeof StatusName>;

const NextWorkingDay = z.literal('working-day').describe('The next working day, by calendar and priority.');

export const DueRule = z.union([
  z.enum(['none', 'helpdesk-sla']),
  z.strictObject({ next: NextWorkingDay }),
  z.strictObject({
    ask: z.string().min(1).describe('What the date is called where it is asked for.'),
    within_days: z.int().min(1).max(730).optional().describe('Furthest date, in calendar days.'),
    confirm: z.array(Name).default([]).describe('Who must agree to the date.'),
    unknown: z
      .strictObject({ next: NextWorkingDay, notify: z.union([Name, z.array(Name)]).optional() })
      .optional()
      .describe('What holds while the date is to be agreed. Without it a date must be given.'),
  }),
]);
export type DueRule = z.output<typeof DueRule>;

export const MEANINGS = ['open', 'pending', 'waiting', 'visit', 'resolved'] as const;

/** Keys of a status row that are no helpdesk. */
export const STATUS_KEYS = ['label', 'meaning', 'group', 'tags', 'due'] as const;

// Other keys are configured helpdesks. Typed as unknown so that they do not blur the types of the keys above; read by `statusName`.
const HelpdeskStatus: z.ZodType<unknown> = StatusName;

export const StatusRow = z
  .object({
    label: z.string().min(1).optional().describe('As agents read it; else made from the key.'),
    meaning: z
      .enum(MEANINGS)
      .optional()
      .describe('What it means; else read from `due`. Where a helpdesk is not named here, its status of this meaning is taken.'),
    group: PerHelpdesk.optional().describe('The group of tickets that ended so.'),
    tags: z.array(Name).optional(),
    due: DueRule.describe('none, helpdesk-sla, { next: working-day } or { ask: ... }.'),
  })
  .catchall(HelpdeskStatus)
  .describe('A way to end, with the status of each helpdesk under its configured name.');
export type StatusRow = z.output<typeof StatusRow>;

export const statusName = (row: StatusRow, helpdesk: string): StatusName | undefined => StatusName.optional().parse(row[helpdesk]);

const DueWrite = z.strictObject({
  field: Name.describe("due for the helpdesk's own due date (due_by and due_at mean the same), else the name of a date field."),
  timer_on: z.array(Name).optional().describe('The statuses, by label, in which the helpdesk takes its own due date because the SLA timer runs.'),
  otherwise: Name.optional().describe('The date field that carries the due date in all other statuses.'),
});
export type DueWrite = z.output<typeof DueWrite>;
const HelpdeskDueWrite: z.ZodType<unknown> = DueWrite;

export const DueWriteSection = z
  .object({ at: z.literal('end-of-hours').default('end-of-hours').describe('The time of a due date: the end of the working hours of its day.') })
  .catchall(HelpdeskDueWrite)
  .describe('Where each helpdesk, under its configured name, gets the due date.');

export const dueWrite = (section: z.output<typeof DueWriteSection> | undefined, helpdesk: string): DueWrite | undefined =>
  DueWrite.optional().parse(section?.[helpdesk]);

const FieldValue = z.union([text(), z.number(), z.boolean(), z.array(z.string())]);
export const FieldValues = z.record(Name, FieldValue);
export type FieldValues = z.output<typeof FieldValues>;
export type FieldValue = z.output<typeof FieldValue>;
export const FieldsByHelpdesk = z.union([FieldValues, z.record(Name, FieldValues)]);
export type FieldsByHelpdesk = z.output<typeof FieldsByHelpdesk>;

export const Topic = z.strictObject({
  title: z.string().min(1).describe('The title that ops keep for it.'),
  group: PerHelpdesk.optional(),
  tags: z.array(Name).optional(),
  fields: FieldsByHelpdesk.optional().describe('By field name; or by helpdesk, and then by field name. Choices by value or label.'),
  words: z.array(z.string().min(1)).min(1).describe('Words and phrases that speak of it, in the singular; accents, case and plurals do not matter.'),
});
