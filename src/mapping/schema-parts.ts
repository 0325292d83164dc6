/** Small values that several sections of a mapping file share. */
import { z } from 'zod';
import { type Condition, FIELDS, isField, shapeProblem } from './conditions.ts';
import { didYouMean } from './suggest.ts';
import { textProblems } from './texts.ts';

/** A key, an id or a configured name. */
export const Name = z.string().min(1).max(200);

export const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time like 17:30');

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d{1,4})([mhd])$/;
export const Duration = z.string().regex(DURATION, 'must be a duration like 10m, 24h or 3d');

/** A validated duration in ms. */
export function durationMs(duration: string): number {
  const [, count = '0', unit = 'm'] = DURATION.exec(duration) ?? [];
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}

/** One text for all helpdesks, or one for each. */
export const PerHelpdesk = z.union([Name, z.record(Name, Name)]);
export type PerHelpdesk = z.output<typeof PerHelpdesk>;

export const forHelpdesk = (value: PerHelpdesk | undefined, helpdesk: string): string | undefined => (typeof value === 'string' ? value : value?.[helpdesk]);

/** Where in the text a fault stands; the teller adds it to the line of the value. */
export interface TextIssueParams {
  readonly textLine: number;
}

/** A Liquid text, parsed when the file is loaded. `allowed` narrows its variables. */
export const text = (allowed?: readonly string[]) =>
  z.string().superRefine((value, context) => {
    for (const { line, message } of textProblems(value, allowed))
      context.addIssue({ code: 'custom', message, params: { textLine: line } satisfies TextIssueParams });
  });

const Field = z.string().superRefine((field, context) => {
  if (!isField(field)) context.addIssue({ code: 'custom', message: `unknown field "${field}"${didYouMean(field, FIELDS)}` });
});

export const ConditionSchema: z.ZodType<Condition> = z
  .strictObject({
    get all() {
      return z.array(ConditionSchema).min(1).optional();
    },
    get any() {
      return z.array(ConditionSchema).min(1).optional();
    },
    get not() {
      return ConditionSchema.optional();
    },
    field: Field.optional(),
    is: z.string().optional(),
    in: z.array(z.string()).min(1).optional(),
    contains: z.string().min(1).optional(),
    matches: z.string().min(1).optional(),
    exists: z.boolean().optional(),
  })
  .superRefine((condition, context) => {
    const message = shapeProblem(condition);
    if (message) context.addIssue({ code: 'custom', message });
  })
  .meta({ id: 'condition', description: 'all, any or not of other conditions, or a field with is, in, contains, matches or exists.' });
