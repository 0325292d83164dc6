/** From what the widget's own routes accepted to events. Pure. */
import { z } from 'zod';
import { type InboundEvent, type Json, UnknownPayload } from '../../src/kit/index.ts';

/** The payload that `POST /messages` stores: the visitor was proven by token, the rest is what they typed. */
const stored = z.object({
  kind: z.literal('message'),
  channel: z.string().min(1),
  visitor: z.string().min(1),
  id: z.string().min(1),
  at: z.number().int(),
  text: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  files: z.array(z.object({ id: z.string(), name: z.string(), mime: z.string(), size: z.number(), sha256: z.string() })).default([]),
});
export type StoredMessage = z.input<typeof stored>;

/** Message ids are made in browsers, so one visitor's must not be able to collide with another's. */
export const messageId = (visitor: string, client: string): string => `${visitor}:${client}`;
export const clientId = (id: string, visitor: string): string | undefined => (id.startsWith(`${visitor}:`) ? id.slice(visitor.length + 1) : undefined);

export function normalize(payload: Json): readonly InboundEvent[] {
  const parsed = stored.safeParse(payload);
  if (!parsed.success) throw new UnknownPayload(z.prettifyError(parsed.error));
  const { channel, visitor, id, at, text, name, email, files } = parsed.data;
  return [
    {
      type: 'message',
      thread: visitor,
      at,
      id: messageId(visitor, id),
      from: {
        role: 'contact',
        id: visitor,
        ...(name && { name }),
        identities: [
          // The token proves the account; whatever was typed proves nothing.
          { kind: 'account', value: visitor, scope: channel, verified: true },
          ...(email ? [{ kind: 'email', value: email.toLowerCase(), verified: false } as const] : []),
        ],
      },
      kind: 'public',
      text,
      media: files.map(({ sha256, ...file }) => ({ ...file, blob: sha256 })),
    },
  ];
}
