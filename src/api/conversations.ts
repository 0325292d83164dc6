/** Conversations: the inbox, one conversation, replies and notes, and who is at it. */
import { z } from 'zod';
import { countUnfiled } from '../closing/unfiled.ts';
import { readMessage } from '../conversations/messages.ts';
import { type Conversation, listConversations, readConversation } from '../conversations/reading.ts';
import { isWindowClosed, replyUntil } from '../conversations/reply-window.ts';
import type { Templates } from '../conversations/templates.ts';
import type { Typing } from '../conversations/typing.ts';
import { addInternalNote, addReply, assign, endEndingHint, endingHint, markRead, saveDraft } from '../conversations/writing.ts';
import type { Actions } from '../delivery/actions.ts';
import type { Dispatch } from '../delivery/dispatch/dispatch.ts';
import { queueReply } from '../delivery/replies.ts';
import { readAgent } from '../people/agents.ts';
import type { Store } from '../store/store.ts';
import type { ConnectedChannel, Desk } from '../tickets/desks.ts';
import { actorOf } from './actor.ts';
import { agentBrief, conversationDetail, conversationRow, message, page, replyRequest } from './contract.ts';
import { conversationView, messageView, rowView } from './conversation-view.ts';
import { inspect } from './files.ts';
import { checkLength, wordsOf } from './message-words.ts';
import { pageQuery } from './paging.ts';
import { HttpProblem, notFound } from './problem.ts';
import { route } from './route.ts';

export interface ConversationParts {
  readonly store: Store;
  readonly channels: ReadonlyMap<string, ConnectedChannel>;
  readonly desks: ReadonlyMap<string, Desk>;
  readonly dispatch: Dispatch;
  readonly actions: Actions;
  readonly templates: Templates;
  readonly typing: Typing;
  now(): number;
  id(): string;
}

const byId = z.object({ id: z.string() });
const known = (found: boolean): void => {
  if (!found) throw notFound('conversation');
};

export const conversationRoutes = (parts: ConversationParts) => [...reading(parts), ...replying(parts), ...attending(parts)];

const reading = ({ store, channels, desks }: ConversationParts) => [
  route({
    method: 'get',
    path: '/api/conversations',
    summary: 'The inbox, newest first; `unfiled` are those ended without a ticket',
    role: 'agent',
    query: pageQuery.extend({
      view: z.enum(['open', 'unfiled', 'ended', 'any']).default('open'),
      assignee: z.enum(['me', 'none', 'any']).default('any'),
      channel: z.string().optional(),
      words: z.string().max(200).optional(),
    }),
    answer: page(conversationRow),
    async handle({ query, viewer }) {
      const { assignee, channel, words, cursor, ...rest } = query;
      const found = await listConversations(store.read, {
        ...rest,
        ...(assignee === 'any' ? {} : { assignee: assignee === 'me' ? viewer.id : 'none' }),
        ...(channel ? { channel } : {}),
        ...(words ? { words } : {}),
        ...(cursor ? { cursor } : {}),
      });
      return { items: found.items.map(rowView(channels)), next: found.next };
    },
  }),
  route({
    method: 'get',
    path: '/api/unfiled',
    summary: 'How many conversations ended without a ticket; `told` are those that the leads were told of',
    role: 'agent',
    answer: z.object({ all: z.number(), mine: z.number(), told: z.number() }),
    handle: ({ viewer }) => countUnfiled(store.read, viewer.id),
  }),
  route({
    method: 'get',
    path: '/api/conversations/{id}',
    summary: 'One conversation with its messages',
    role: 'agent',
    params: byId,
    answer: conversationDetail,
    async handle({ params }) {
      const view = await conversationView(store.read, { channels, desks }, params.id);
      if (!view) throw notFound('conversation');
      return view;
    },
  }),
];

/** What goes to the customer; throws a problem where the channel would not take it. */
async function publicWords(
  { store, channels, templates, now }: ConversationParts,
  conversation: Conversation,
  body: z.output<typeof replyRequest>,
): Promise<string> {
  const channel = channels.get(conversation.channel);
  if (channel?.capabilities.reply !== true) throw new HttpProblem(409, 'cannot-reply', 'This channel takes no replies.');
  if (body.template) return wordsOf({ templates }, channel, { template: body.template });
  checkLength(channel, body.text);
  const { capabilities } = channel;
  const until = await replyUntil(store.read, conversation.id, capabilities);
  // A repeat of what was taken in time is no new message.
  const known = await readMessage(store.read, body.id);
  if (!known && isWindowClosed(until, { capabilities, needsTemplate: channel.channel.startNeedsTemplate === true, now: now() }))
    throw new HttpProblem(409, 'reply-window-closed', 'The customer’s last message is too long ago: this channel takes only templates now.');
  return body.text;
}

const replying = (parts: ConversationParts) => {
  const { store, dispatch, actions, now, id } = parts;
  return [
    route({
      method: 'post',
      path: '/api/conversations/{id}/messages',
      summary: 'A reply to the customer, or an internal note; the same id again is the same message',
      role: 'agent',
      params: byId,
      body: replyRequest,
      answer: message,
      status: 201,
      async handle({ params, body, viewer, response }) {
        if (!body.text.trim() && body.files.length === 0 && !body.template) throw new HttpProblem(400, 'empty-message', 'Write something or add a file.');
        const conversation = await readConversation(store.read, params.id);
        if (!conversation) throw notFound('conversation');
        const text = body.kind === 'public' ? await publicWords(parts, conversation, body) : body.text;
        const files = await Promise.all(body.files.map(async (file) => ({ ...file, ...(await inspect(store.blobs, file.sha256, file.mime)) })));
        const delivery = id();
        const at = now();
        const added = await store.write(async (tx) => {
          const fresh = { id: body.id, conversation: params.id, agent: { id: viewer.id, name: viewer.name }, text, files, at, newId: id };
          if (body.kind === 'internal') return addInternalNote(tx, fresh);
          const result = await addReply(tx, fresh);
          if (result === 'added')
            await queueReply(tx, {
              delivery,
              message: { id: body.id, kind: 'public' },
              conversation: { id: params.id, channel: conversation.channel },
              now: at,
              template: body.template,
            });
          return result;
        });
        if (added === 'unknown') throw notFound('conversation');
        if (added === 'ended') throw new HttpProblem(409, 'conversation-ended', 'This conversation has ended; nothing can be sent in it.');
        if (added === 'added' && body.kind === 'public') dispatch.look(delivery, at);
        const stored = await readMessage(store.read, body.id);
        if (!stored || stored.conversation !== params.id) throw new HttpProblem(409, 'id-taken', 'This id belongs to another message.');
        response.status(added === 'repeated' ? 200 : 201);
        return messageView(stored);
      },
    }),
    route({
      method: 'post',
      path: '/api/messages/{id}/resend',
      summary: 'Sends an unclear or failed reply once more, because a person says so',
      role: 'agent',
      params: byId,
      answer: null,
      async handle({ params, viewer }) {
        const result = await actions.resend(params.id, actorOf(viewer));
        if (result === 'not-found') throw notFound('message');
        if (result !== 'ok') throw new HttpProblem(409, 'not-now', 'This message is not waiting for a decision.');
      },
    }),
  ];
};

const attending = ({ store, typing, now }: ConversationParts) => [
  route({
    method: 'post',
    path: '/api/conversations/{id}/typing',
    summary: 'A reply is being typed: told to the customer where the channel can, and never stored',
    role: 'agent',
    params: byId,
    answer: null,
    async handle({ params, viewer }) {
      const conversation = await readConversation(store.read, params.id);
      if (!conversation) throw notFound('conversation');
      if (conversation.state === 'open') typing.agentTypes(conversation.channel, conversation.thread, viewer.name);
    },
  }),
  route({
    method: 'put',
    path: '/api/conversations/{id}/assignee',
    summary: 'Assigns it, or takes the assignment away',
    role: 'agent',
    params: byId,
    body: z.strictObject({ agent: z.string().nullable() }),
    answer: null,
    async handle({ params, body }) {
      const agent = body.agent === null ? undefined : await readAgent(store.read, body.agent);
      if (body.agent !== null && (!agent || agent.disabled)) throw notFound('agent');
      known(await store.write((tx) => assign(tx, params.id, body.agent)));
    },
  }),
  route({
    method: 'post',
    path: '/api/conversations/{id}/read',
    summary: 'Marks it as read',
    role: 'agent',
    params: byId,
    answer: null,
    handle: async ({ params }) => known(await store.write((tx) => markRead(tx, params.id))),
  }),
  route({
    method: 'put',
    path: '/api/conversations/{id}/draft',
    summary: 'Keeps the closing dialog as it stands',
    role: 'agent',
    params: byId,
    body: z.strictObject({ draft: z.json() }),
    answer: null,
    handle: async ({ params, body }) => known(await store.write((tx) => saveDraft(tx, params.id, body.draft === null ? null : JSON.stringify(body.draft)))),
  }),
  route({
    method: 'post',
    path: '/api/conversations/{id}/ending',
    summary: '“Ana is ending this”: a hint that lives for two minutes; says whose it is',
    role: 'agent',
    params: byId,
    body: z.strictObject({ takeOver: z.boolean().default(false) }).default({ takeOver: false }),
    answer: z.object({ agent: agentBrief, since: z.number() }),
    async handle({ params, body, viewer }) {
      const hint = await store.write((tx) => endingHint(tx, params.id, viewer.id, now(), body.takeOver));
      if (!hint) throw notFound('conversation');
      const agent = await store.read.selectFrom('agents').select(['id', 'name', 'email']).where('id', '=', hint.agent).executeTakeFirst();
      return { agent: agent ?? { id: hint.agent, name: viewer.name, email: viewer.email ?? '' }, since: hint.since };
    },
  }),
  route({
    method: 'delete',
    path: '/api/conversations/{id}/ending',
    summary: 'The dialog was left',
    role: 'agent',
    params: byId,
    answer: null,
    handle: ({ params, viewer }) => store.write((tx) => endEndingHint(tx, params.id, viewer.id)),
  }),
];
