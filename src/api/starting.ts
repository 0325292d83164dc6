/** Writing first: which channels can, and doing it. */
import { z } from 'zod';
import { readConversation } from '../conversations/reading.ts';
import { BegunMeanwhile, type NewConversation, type Started, startConversation } from '../conversations/starting.ts';
import type { Templates } from '../conversations/templates.ts';
import type { InternalText, TicketRef } from '../kit/index.ts';
import type { Mapping } from '../mapping/evaluate.ts';
import { e164 } from '../people/phone.ts';
import type { ConnectedChannel } from '../tickets/desks.ts';
import { actorOf } from './actor.ts';
import { channelView, conversationDetail, startRequest } from './contract.ts';
import { conversationView } from './conversation-view.ts';
import type { ConversationParts } from './conversations.ts';
import { wordsOf } from './message-words.ts';
import { HttpProblem, notFound } from './problem.ts';
import { route } from './route.ts';
import type { Viewer } from './viewer.ts';

export interface StartingParts extends ConversationParts {
  readonly templates: Templates;
  /** The mapping in force for a channel. */
  mappingFor(channel: string): Mapping;
}

type Request = z.output<typeof startRequest>;

/** A mapping that is not in force must not hide the channel. */
function countryOf(parts: StartingParts, channel: string): string | null {
  try {
    return parts.mappingFor(channel).country;
  } catch {
    return null;
  }
}

async function ticketOf({ store, desks }: StartingParts, asked: NonNullable<Request['ticket']>): Promise<TicketRef> {
  const desk = desks.get(asked.helpdesk);
  if (!desk) throw notFound('helpdesk');
  const kept = await store.read
    .selectFrom('tickets')
    .select(['helpdesk', 'external_id as id', 'number', 'url'])
    .where('helpdesk', '=', asked.helpdesk)
    .where('external_id', '=', asked.id)
    .executeTakeFirst();
  return kept ?? (await desk.ticket(asked.id)).ref;
}

/** What stands on the ticket: who wrote what, to whom, by which channel. */
function noteOf(parts: StartingParts, request: Request, channel: ConnectedChannel, made: { phone: string; text: string; agent: string }): InternalText {
  const { words } = parts.mappingFor(request.channel);
  const who = [made.agent, channel.title, [request.name, made.phone].filter(Boolean).join(' ')].join(' · ');
  return {
    kind: 'internal',
    blocks: [
      { type: 'heading', text: words.contacted },
      { type: 'paragraph', text: who },
      { type: 'paragraph', text: made.text },
    ],
  };
}

async function prepare(parts: StartingParts, request: Request, viewer: Viewer): Promise<NewConversation> {
  const channel = parts.channels.get(request.channel);
  if (!channel) throw notFound('channel');
  if (channel.capabilities.starts !== true || !channel.channel.start) throw new HttpProblem(409, 'cannot-start', 'This channel cannot begin conversations.');
  const phone = e164(request.phone, countryOf(parts, request.channel));
  if (!phone) throw new HttpProblem(422, 'phone', 'This is not a phone number.', { errors: [{ field: 'phone', message: 'is not a phone number' }] });
  if (!request.template && channel.channel.startNeedsTemplate) throw new HttpProblem(422, 'template-needed', 'This channel begins with a template.');
  const text = await wordsOf(parts, channel, request);
  const ticket = request.ticket ? await ticketOf(parts, request.ticket) : null;
  return {
    id: request.id,
    channel: request.channel,
    phone,
    name: request.name?.trim() || null,
    text,
    template: request.template ?? null,
    agent: { id: viewer.id, name: viewer.name },
    assign: viewer.by === 'session',
    actor: actorOf(viewer),
    ticket: ticket && { ref: ticket, note: noteOf(parts, request, channel, { phone, text, agent: viewer.name }) },
    at: parts.now(),
    newId: parts.id,
  };
}

/** Whoever was second looks again: the first one's conversation is open by then. */
async function start({ store }: StartingParts, made: NewConversation): Promise<Started> {
  const attempt = (): Promise<Started> => store.write((tx) => startConversation(tx, made));
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof BegunMeanwhile)) throw error;
    return attempt();
  }
}

export const startingRoutes = (parts: StartingParts) => [
  route({
    method: 'get',
    path: '/api/channels',
    summary: 'The channels, with what agents can do in them',
    role: 'agent',
    answer: z.object({ items: z.array(channelView) }),
    async handle() {
      const items = await Promise.all(
        [...parts.channels.values()].map(async ({ name, title, capabilities, channel }) => ({
          name,
          title,
          starts: capabilities.starts === true && channel.start !== undefined,
          needsTemplate: channel.startNeedsTemplate === true,
          templates: (await parts.templates.of(name)).map((template) => ({ ...template })),
          replyWindowHours: capabilities.replyWindowHours ?? null,
          maxTextLength: capabilities.maxTextLength,
          country: countryOf(parts, name),
        })),
      );
      return { items };
    },
  }),
  route({
    method: 'post',
    path: '/api/conversations',
    summary: 'Begins a conversation with a phone number; the same id again is the same conversation',
    role: 'agent',
    body: startRequest,
    answer: conversationDetail,
    status: 201,
    async handle({ body, viewer, response }) {
      const started = await start(parts, await prepare(parts, body, viewer));
      if (started.is === 'taken') throw new HttpProblem(409, 'id-taken', 'This id belongs to another conversation.');
      if (started.is === 'open') {
        const open = await readConversation(parts.store.read, started.conversation);
        throw new HttpProblem(409, 'conversation-open', 'A conversation with this person is open already.', {
          extra: { conversation: started.conversation, contact: open?.contact.name ?? '' },
        });
      }
      if (started.is === 'started') for (const delivery of started.deliveries) parts.dispatch.look(delivery, parts.now());
      response.status(started.is === 'repeated' ? 200 : 201);
      return conversationView(parts.store.read, parts, body.id);
    },
  }),
];
