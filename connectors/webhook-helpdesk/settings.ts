/** What ops set for a helpdesk behind a webhook. It has no API to ask, so its statuses, priorities and groups are told here. */
import { z } from 'zod';
import { Secret, secret } from '../../src/kit/index.ts';

const meanings = ['new', 'open', 'pending', 'waiting', 'hold', 'resolved', 'closed'] as const;

const status = z.strictObject({
  id: z.string().min(1).describe('What is sent, and what mappings call it'),
  label: z.string().min(1).describe('What agents read'),
  meaning: z.enum(meanings).describe('`waiting` waits for the customer, `hold` for a third party or a visit'),
});

const choice = z.strictObject({
  value: z.string().min(1).describe('What is sent, and what mappings call it'),
  label: z.string().min(1).describe('What agents read'),
});

const once = (values: readonly string[]): boolean => new Set(values).size === values.length;

const statuses = z
  .array(status)
  .refine((all) => once(all.map(({ id }) => id)), 'a status id stands here twice')
  .refine((all) => all.some(({ meaning }) => meaning === 'resolved'), 'one status must mean resolved');

export const settings = z.strictObject({
  address: z.url({ protocol: /^https?$/ }).describe('Address that receives every operation, by POST'),
  secrets: z
    .array(secret())
    .min(1, 'needs at least one secret')
    .refine(
      (all) => all.every((one) => one instanceof Secret && /^whsec_[A-Za-z0-9+/]{22,}={0,2}$/.test(one.reveal())),
      'a secret is whsec_ and at least 16 random bytes in base64',
    )
    .describe(
      'Shared with the receiver: `whsec_` and 24 to 64 random bytes in base64. Each request is signed with every one of them, so that a secret can be changed without a gap',
    )
    .meta({ secret: true }),
  statuses: statuses
    .default([
      { id: 'new', label: 'New', meaning: 'new' },
      { id: 'open', label: 'Open', meaning: 'open' },
      { id: 'waiting', label: 'Waiting for customer', meaning: 'waiting' },
      { id: 'hold', label: 'On hold', meaning: 'hold' },
      { id: 'resolved', label: 'Resolved', meaning: 'resolved' },
    ])
    .describe('Statuses of the receiving system; one must mean resolved. A new ticket without a status gets the first'),
  priorities: z
    .array(choice)
    .min(1, 'needs at least one priority')
    .refine((all) => once(all.map(({ value }) => value)), 'a priority stands here twice')
    .default([
      { value: 'low', label: 'Low' },
      { value: 'normal', label: 'Normal' },
      { value: 'high', label: 'High' },
      { value: 'urgent', label: 'Urgent' },
    ])
    .describe('Its priorities, lowest first'),
  groups: z
    .array(choice)
    .refine((all) => once(all.map(({ value }) => value)), 'a group stands here twice')
    .default([])
    .describe('Its groups or teams. Where none is listed, any is taken'),
});

export type WebhookHelpdeskSettings = z.output<typeof settings>;
