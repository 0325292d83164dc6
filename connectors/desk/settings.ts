/** Settings of the built-in desk. All have defaults: it works with nothing configured. */
import { z } from 'zod';

const field = z.strictObject({
  name: z.string().min(1).describe('What mappings call it'),
  label: z.string().min(1).describe('What agents read'),
  type: z.enum(['text', 'long-text', 'number', 'checkbox', 'date', 'choice', 'choices']).default('text'),
  required: z.enum(['never', 'always', 'to-resolve']).default('never'),
  choices: z.array(z.string().min(1)).optional().describe('Values of a choice'),
});

export const settings = z.strictObject({
  groups: z.array(z.string().min(1)).default([]).describe('Names of the groups that a ticket can belong to'),
  fields: z.array(field).default([]).describe('Fields that the closing dialog offers; a ticket takes any other field too'),
});

export type DeskSettings = z.output<typeof settings>;
