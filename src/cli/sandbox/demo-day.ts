/** The demo day as data: who there is, what the helpdesks hold before it begins, and the conversations. Read from `connectors/demo-day.yaml`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const person = z.strictObject({
  id: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
  company: z.string().optional(),
  /** False where the channel vouches for nothing of them: what a visitor types proves nothing. */
  verified: z.boolean().optional(),
});

const message = z.strictObject({
  id: z.string(),
  /** Minutes before the day's start. */
  ago: z.number().min(0),
  text: z.string(),
  /** Name of the agent who wrote it; the person did where it is absent. */
  agent: z.string().optional(),
  /** Comes only after the closing. */
  late: z.boolean().default(false),
  files: z.array(z.strictObject({ name: z.string(), mime: z.string(), seconds: z.number().optional() })).default([]),
});

const conversation = z.strictObject({
  number: z.number().int(),
  /** The conversation whose closing this one comes after. */
  follows: z.number().int().optional(),
  channel: z.string(),
  person,
  subject: z.string().optional(),
  messages: z.array(message).min(1),
  /** Minutes before the day's start at which an agent ended it in the vendor's own screen, without a ticket. */
  ended: z.number().min(0).optional(),
});

const demoDay = z.strictObject({
  companies: z.array(z.strictObject({ name: z.string(), brand: z.string().optional() })),
  contacts: z.array(person.omit({ id: true }).extend({ name: z.string(), companies: z.array(z.string()).optional() })),
  tickets: z.array(
    z.strictObject({
      key: z.string(),
      subject: z.string(),
      contact: z.string(),
      status: z.string(),
      fields: z.record(z.string(), z.string()).default({}),
      openedDaysAgo: z.number(),
      changedDaysAgo: z.number(),
    }),
  ),
  conversations: z.array(conversation),
});

export type DemoDay = z.output<typeof demoDay>;
export type DemoConversation = DemoDay['conversations'][number];

/** Folder of the connectors, where the vendors' own data lies. */
export const connectorsFolder = join(import.meta.dirname, '../../../connectors');

export const readDemoDay = (): DemoDay => demoDay.parse(parse(readFileSync(join(connectorsFolder, 'demo-day.yaml'), 'utf8')));
