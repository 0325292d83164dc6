/** From what the widget's own routes accepted to events. Pure. */
import { z } from 'zod';
import { type Identity, type InboundEvent, type Json, UnknownPayload } from '../../src/kit/index.ts';
import { withAnswers } from './pre-chat.ts';

const common = { channel: z.string().min(1), visitor: z.string().min(1), at: z.number().int() };

/** The payload that `POST /messages` stores: the visitor was proven by token, the rest is what they typed. */
const storedMessage = z.object({
  ...common,
  kind: z.literal('message'),
  id: z.string().min(1),
  text: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  answers: z
    .array(z.object({ kind: z.enum(['text', 'email', 'phone', 'choice']), label: z.string(), value: z.string(), number: z.string().optional() }))
    .default([]),
  files: z.array(z.object({ id: z.string(), name: z.string(), mime: z.string(), size: z.number(), sha256: z.string() })).default([]),
});
/** What `POST /read` stores: our messages that the visitor has had before their eyes, by the channel's ids. */
const storedRead = z.object({ ...common, kind: z.literal('read'), messages: z.array(z.string().min(1)).min(1) });

const stored = z.discriminatedUnion('kind', [storedMessage, storedRead]);
export type StoredMessage = z.input<typeof storedMessage>;
export type StoredRead = z.input<typeof storedRead>;

/** Message ids are made in browsers, so one visitor's must not be able to collide with another's. */
export const messageId = (visitor: string, client: string): string => `${visitor}:${client}`;
export const clientId = (id: string, visitor: string): string | undefined => (id.startsWith(`${visitor}:`) ? id.slice(visitor.length + 1) : undefined);

export function normalize(payload: Json): readonly InboundEvent[] {
  const parsed = stored.safeParse(payload);
  if (!parsed.success) throw new UnknownPayload(z.prettifyError(parsed.error));
  return parsed.data.kind === 'read' ? readReceipts(parsed.data) : [written(parsed.data)];
}

const readReceipts = ({ visitor, at, messages }: z.output<typeof storedRead>): readonly InboundEvent[] =>
  messages.map((id) => ({ type: 'receipt', thread: visitor, at, id, state: 'read' }));

function written({ channel, visitor, id, at, text, name, email, answers, files }: z.output<typeof storedMessage>): InboundEvent {
  const addresses = [email ?? '', ...answers.filter(({ kind }) => kind === 'email').map(({ value }) => value)].filter(Boolean);
  const numbers = answers.flatMap(({ number }) => (number === undefined ? [] : [number]));
  return {
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
        ...[...new Set(addresses.map((address) => address.toLowerCase()))].map((value): Identity => ({ kind: 'email', value, verified: false })),
        ...[...new Set(numbers)].map((value): Identity => ({ kind: 'phone', value, verified: false })),
      ],
    },
    kind: 'public',
    text: withAnswers(answers, text),
    media: files.map(({ sha256, ...file }) => ({ ...file, blob: sha256 })),
  };
}
