/** What the API says, as zod schemas: checked on the way in, published as OpenAPI, and the console's types. Times are epoch milliseconds. */
import { z } from 'zod';
import { decision } from '../closing/decision.ts';

const id = z.string();
const at = z.number().int();

export const agentBrief = z.object({ id, name: z.string(), email: z.string() });
export const me = z.object({ id, name: z.string(), email: z.string(), role: z.enum(['agent', 'admin']), locale: z.string(), holdSeconds: z.number() });

export const file = z.object({
  id,
  name: z.string(),
  mime: z.string(),
  size: z.number().nullable(),
  state: z.enum(['stored', 'waiting', 'failed']),
  inline: z.string().nullable(),
  decoration: z.boolean(),
  seconds: z.number().nullable(),
});

export const message = z.object({
  id,
  direction: z.enum(['in', 'out']),
  kind: z.enum(['public', 'internal']),
  author: z.object({ role: z.enum(['contact', 'agent', 'bot', 'system']), id: z.string(), name: z.string() }),
  at,
  text: z.string(),
  /** Set where there is HTML to show: address of the sandboxed document. */
  html: z.string().nullable(),
  quoted: z.string().nullable(),
  subject: z.string().nullable(),
  automatic: z.enum(['auto-reply', 'bounce']).nullable(),
  sending: z.enum(['received', 'queued', 'sent', 'unclear', 'failed']),
  /** How far the channel says that a reply of ours got. */
  receipt: z.enum(['delivered', 'read']).nullable(),
  receiptAt: at.nullable(),
  /** Why it failed after it was sent, in the vendor's words. */
  failure: z.string().nullable(),
  reactions: z.array(z.object({ emoji: z.string(), names: z.array(z.string()) })),
  editedAt: at.nullable(),
  deletedAt: at.nullable(),
  files: z.array(file),
  /**
   * Why it was taken into this conversation, where that had to be found out: points of 100 and those that it took. `values` may hold `number`, `subject`, and
   * of the message answered `id`, `author` and `at`. `stranger`: it names this ticket, and its sender is not known to take part there.
   */
  joined: z
    .object({
      points: z.number(),
      threshold: z.number(),
      reasons: z.array(
        z.object({
          key: z.enum(['reply-token', 'answers', 'thread', 'number', 'subject', 'says-answer', 'sender', 'claimed-sender', 'recent']),
          values: z.record(z.string(), z.string()),
          points: z.number(),
        }),
      ),
      stranger: z.string().nullable(),
    })
    .nullable(),
  /** The parts of earlier closings that hold it. */
  filed: z.array(z.object({ closing: id, part: z.string(), how: z.enum(['filed', 'courtesy', 'skipped']) })),
});

export const conversationRow = z.object({
  id,
  channel: z.string(),
  /** Name that agents see; the channel's own where the configuration gives none, or has it no more. */
  channelTitle: z.string(),
  state: z.enum(['open', 'ended']),
  filed: z.boolean(),
  /** Ended without a ticket long enough ago that its agent was reminded. */
  reminded: z.boolean(),
  contact: z.object({ id, name: z.string() }),
  company: z.object({ id, name: z.string() }).nullable(),
  assignee: agentBrief.nullable(),
  subject: z.string().nullable(),
  startedAt: at,
  lastAt: at,
  lastText: z.string(),
  messages: z.number(),
  unread: z.number(),
});

export const ticketRow = z.object({
  helpdesk: z.string(),
  id,
  number: z.string(),
  url: z.string(),
  subject: z.string(),
  status: z.object({ id: z.string(), label: z.string(), meaning: z.string() }),
  priority: z.string().nullable(),
  requester: z.string().nullable(),
  company: z.string().nullable(),
  assignee: z.string().nullable(),
  due: at.nullable(),
  updatedAt: at,
});

export const conversationDetail = conversationRow.extend({
  version: z.number(),
  canReply: z.boolean(),
  /** Until when free text can be sent, where the channel limits it and the customer has written. */
  replyUntil: at.nullable(),
  endedBy: z.enum(['vendor', 'closing', 'idle']).nullable(),
  continues: id.nullable(),
  contactDetail: z.object({
    id,
    name: z.string(),
    identities: z.array(z.object({ kind: z.enum(['email', 'phone', 'account']), value: z.string(), verified: z.boolean() })),
    companies: z.array(z.object({ id, name: z.string(), brand: z.string().nullable() })),
  }),
  messageList: z.array(message),
  tickets: z.array(ticketRow),
  ending: z.object({ agent: agentBrief, since: at }).nullable(),
  draft: z.unknown().nullable(),
});

/** What the closing dialog opens with. */
export const proposal = z.object({
  covers: id,
  /** Which way it opens, and why (a key of the console's texts). */
  way: z.enum(['new', 'append', 'split', 'none']),
  language: z.string(),
  parts: z.array(z.object({ key: z.string(), topic: z.string().nullable(), title: z.string(), messages: z.array(id), summary: z.string() })),
  courtesies: z.array(id),
  /** How it ended, where the mapping proposes that for chats that were ended elsewhere: a key of `mapping.statuses`, to be confirmed. */
  outcome: z.string().nullable(),
  /** Of the mapping in force for this channel. */
  mapping: z.object({
    file: z.string(),
    helpdesk: z.string(),
    titles: z.array(z.object({ topic: z.string().nullable(), title: z.string() })),
    statuses: z.array(
      z.object({
        key: z.string(),
        label: z.string(),
        meaning: z.enum(['open', 'pending', 'waiting', 'visit', 'resolved']),
        date: z.object({ label: z.string(), withinDays: z.number().nullable(), mayBeUnknown: z.boolean() }).nullable(),
      }),
    ),
    impacts: z.array(z.object({ id: z.string(), label: z.string(), priority: z.string() })),
    summary: z.object({ required: z.boolean(), min: z.number() }),
  }),
  helpdesks: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      reachable: z.boolean(),
      groups: z.array(z.object({ value: z.string(), label: z.string() })),
      agents: z.array(z.object({ id: z.string(), name: z.string() })),
      fields: z.array(
        z.object({
          name: z.string(),
          label: z.string(),
          type: z.enum(['text', 'long-text', 'number', 'checkbox', 'date', 'choice', 'choices']),
          required: z.enum(['never', 'always', 'to-resolve']),
          when: z.object({ field: z.string(), values: z.array(z.string()) }).nullable(),
          choices: z.array(z.object({ value: z.string(), label: z.string() })).nullable(),
        }),
      ),
    }),
  ),
  /** Open tickets of the company, best first. Never preselected unless `preselect`. */
  candidates: z.array(
    ticketRow.extend({
      reasons: z.array(z.object({ key: z.string(), values: z.record(z.string(), z.string()) })),
      preselect: z.boolean(),
      closed: z.boolean(),
    }),
  ),
  requesters: z.array(z.object({ id, name: z.string(), suggested: z.boolean() })),
  companies: z.array(z.object({ id, name: z.string(), brand: z.string().nullable() })),
});

const missing = z.object({
  part: z.string(),
  field: z.string(),
  label: z.string(),
  reason: z.object({ key: z.string(), values: z.record(z.string(), z.string()) }),
});
export const preview = z.object({
  digest: z.string(),
  covers: id,
  ends: z.boolean(),
  missing: z.array(missing),
  lines: z.array(z.object({ part: z.string(), key: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])) })),
  why: z.array(z.object({ part: z.string(), field: z.string(), value: z.string(), reason: z.string(), file: z.string(), line: z.number() })),
  accounting: z.array(z.object({ part: z.string(), message: id, how: z.enum(['filed', 'courtesy', 'skipped']) })),
  operations: z.array(z.object({ key: z.string(), part: z.string(), helpdesk: z.string(), kind: z.string(), after: z.array(z.string()) })),
});

export const previewRequest = z.strictObject({ decision });
export const closingRequest = z.strictObject({ decision, digest: z.string().describe('Of the preview that the agent saw') });

export const delivery = z.object({
  id,
  closing: id.nullable(),
  conversation: id.nullable(),
  message: id.nullable(),
  target: z.string(),
  targetKind: z.enum(['helpdesk', 'channel']),
  kind: z.string(),
  subject: z.string().nullable(),
  state: z.enum(['waiting', 'running', 'done', 'parked', 'dead', 'undone']),
  dueAt: at,
  attempts: z.number(),
  error: z.object({ code: z.string(), message: z.string(), field: z.string().nullable() }).nullable(),
  ticket: z.object({ helpdesk: z.string(), number: z.string(), url: z.string() }).nullable(),
  doubles: z.array(z.string()),
  createdAt: at,
  doneAt: at.nullable(),
  operation: z.unknown(),
});

export const closing = z.object({
  id,
  conversation: id,
  agent: agentBrief.nullable(),
  state: z.enum(['held', 'released', 'undone']),
  /** Of its deliveries together. */
  progress: z.enum(['held', 'under-way', 'done', 'needs-you', 'undone']),
  createdAt: at,
  notBefore: at,
  ends: z.boolean(),
  none: z.string().nullable(),
  title: z.string(),
  contact: z.string(),
  deliveries: z.array(delivery),
  tickets: z.array(
    z.object({ helpdesk: z.string(), id: z.string(), number: z.string(), url: z.string(), via: z.enum(['follow-up', 'successor', 'new']).nullable() }),
  ),
});

const templateUse = z.strictObject({ id: z.string().max(500), values: z.array(z.string().max(1_000)).max(50) });

/** A template that the vendor approved; `{{1}}`, `{{2}}`, … stand for its values. */
const template = z.object({ id, name: z.string(), language: z.string(), body: z.string(), values: z.number() });

export const channelView = z.object({
  name: z.string(),
  title: z.string(),
  /** Agents may write first, to a phone number. */
  starts: z.boolean(),
  /** A first message must be a template. */
  needsTemplate: z.boolean(),
  templates: z.array(template),
  /** Free text goes for so long after the customer's last message; templates go always. */
  replyWindowHours: z.number().nullable(),
  maxTextLength: z.number(),
  /** ISO code of the country of phone numbers that name none. */
  country: z.string().nullable(),
});

export const startRequest = z
  .strictObject({
    id: z.uuid().describe('Made by the client: the same id is the same conversation, however often it is sent'),
    channel: z.string(),
    phone: z.string().max(60).describe('As people type it; without a country code, in the country of the channel’s mapping'),
    name: z.string().max(200).optional(),
    text: z.string().max(50_000).optional(),
    template: templateUse.optional(),
    ticket: z.strictObject({ helpdesk: z.string(), id: z.string() }).optional().describe('What it is about: the contact is noted there'),
  })
  .refine(({ text, template }) => (text === undefined) !== (template === undefined), { message: 'Give a text or a template', path: ['text'] });

export const replyRequest = z.strictObject({
  id: z.uuid().describe('Made by the client: the same id is the same message, however often it is sent'),
  kind: z.enum(['public', 'internal']),
  text: z.string().max(50_000),
  files: z
    .array(z.strictObject({ sha256: z.string(), name: z.string().max(255), mime: z.string().max(200), size: z.number() }))
    .max(20)
    .default([]),
  template: templateUse.optional().describe('Sent instead of the text'),
});

export const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() });

/** RFC 9457. `key` names the console's text for it; `field`, `file` and `line` say where. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  key: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});

const sessionState = z.enum(['connecting', 'ready', 'reconnecting', 'failed', 'unpaired']);

export const health = z.object({
  name: z.string(),
  connector: z.string(),
  kind: z.enum(['channel', 'helpdesk']),
  state: z.enum(['ready', 'trouble', 'unknown']),
  detail: z.string(),
  since: at,
  /** Whether deliveries go out to it; the detail says why not, or until when. */
  sending: z.object({ state: z.enum(['ready', 'paused', 'trouble']), detail: z.string() }),
  /** How a channel hears its vendor; empty and null for helpdesks. */
  intakes: z.array(
    z.object({
      intake: z.string(),
      state: sessionState,
      detail: z.string().nullable(),
      since: at,
      standby: z.boolean().describe('Another process runs it'),
    }),
  ),
  /** The newest 10. `recovered`: messages of that time that came afterwards; `lost` is 0 once everything was asked for again, and null while nobody knows. */
  outages: z.array(
    z.object({ intake: z.string(), from: at, to: at.nullable(), recovered: z.number(), lost: z.literal(0).nullable(), detail: z.string().nullable() }),
  ),
  /** Nothing has come since then, though so many usually would have. */
  silence: z.object({ since: at, expected: z.number() }).nullable(),
  /** The last proof that the whole way works, where the channel can send itself one. */
  canary: z.object({ state: z.enum(['waiting', 'back', 'missing', 'failed']), sentAt: at, backAt: at.nullable(), detail: z.string().nullable() }).nullable(),
});

/** For administrators: `qr` is the text of the code that pairs the account, while it is not paired. */
export const session = z.object({ state: sessionState, detail: z.string().nullable(), since: at, qr: z.string().nullable() });

export type Me = z.output<typeof me>;
export type AgentBrief = z.output<typeof agentBrief>;
export type FileView = z.output<typeof file>;
export type MessageView = z.output<typeof message>;
export type ConversationRow = z.output<typeof conversationRow>;
export type ConversationDetail = z.output<typeof conversationDetail>;
export type TicketRow = z.output<typeof ticketRow>;
export type Proposal = z.output<typeof proposal>;
export type Preview = z.output<typeof preview>;
export type ClosingView = z.output<typeof closing>;
export type DeliveryView = z.output<typeof delivery>;
export type ChannelView = z.output<typeof channelView>;
export type StartRequest = z.input<typeof startRequest>;
export type ReplyRequest = z.input<typeof replyRequest>;
export type SessionView = z.output<typeof session>;
export type HealthView = z.output<typeof health>;
export type Problem = z.output<typeof problem>;
