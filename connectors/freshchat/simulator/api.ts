/** The account's API, `/v2`: what its pages describe, and nothing else. */
import { type Request, type Response, Router } from 'express';
import { type Fields, readJson, readUpload, takeParts } from './body.ts';
import { gone, invalid, Refusal, unknown } from './refusal.ts';
import { reports } from './reports.ts';
import * as show from './show.ts';
import { assign, type Conversation, ids, resolve, type State, say, store } from './state.ts';

/** What differs between accounts, or what only a real one tells. May be changed while the simulator runs. */
export interface Account {
  /** Which id `/conversations/{id}/messages` takes; the other is answered 404. */
  messagesBy: 'either' | 'guid' | 'number';
  /** So many reads of a message show its files without links. */
  readsWithoutLink: number;
  /** Which webhooks carry `interaction_id`. */
  interactions: 'all' | 'resolution' | 'none';
  /** Reports that cannot be made. */
  failingReports: boolean;
}

function query<Name extends string>(request: Request, allowed: readonly Name[]): Partial<Record<Name, string>> {
  const strange = Object.keys(request.query).find((name) => !(allowed as readonly string[]).includes(name));
  if (strange) throw unknown(`the parameter ${strange} of ${request.path}`);
  return Object.fromEntries(Object.entries(request.query).map(([name, value]) => [name, String(value)])) as Partial<Record<Name, string>>;
}

function whole(name: string, given: string | undefined, otherwise: number, most: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (!Number.isInteger(value) || value < 1 || value > most) throw invalid(`${name} must be a whole number from 1 to ${most}`);
  return value;
}

/** 4.1, paging of everything but messages. */
function list(request: Request, response: Response, key: string, rows: readonly object[]): void {
  const given = query(request, ['page', 'items_per_page', 'sort_order']);
  const page = whole('page', given.page, 1, 1_000_000);
  const size = whole('items_per_page', given.items_per_page, 20, 50);
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const link = (to: number) =>
    to >= 1 && to <= pages ? { href: `/v2${request.path}?page=${to}&items_per_page=${size}`, rel: 'page', method: 'GET' } : undefined;
  response.json({
    [key]: rows.slice((page - 1) * size, page * size),
    pagination: { total_items: rows.length, total_pages: pages, current_page: page, items_per_page: size },
    links: { first_page: link(1), last_page: link(pages), next_page: link(page + 1), previous_page: link(page - 1) },
  });
}

const conversationAt = (state: State, request: Request, by: Account['messagesBy'] = 'either'): Conversation => {
  const { id } = request.params;
  const found = state.conversations.find((one) => (one.id === id && by !== 'number') || (one.number === id && by !== 'guid'));
  if (!found) throw gone('conversation');
  return found;
};

export function api(state: State, account: Account, links: show.Links): Router {
  const router = Router();
  router.get('/accounts/configuration', (_request, response) => {
    response.json({ organisation_id: ids.organisation, account_id: ids.account, app_id: ids.app, datacenter: 'us', plan_type: 'pro' });
  });
  router.get('/agents', (request, response) => list(request, response, 'agents', state.agents.map(show.agent) as object[]));
  router.get('/agents/:id', (request, response) => {
    const found = state.agents.find(({ id }) => id === request.params.id);
    if (!found) throw gone('agent');
    response.json(show.agent(found));
  });
  router.get('/groups', (request, response) => list(request, response, 'groups', state.groups));
  router.get('/channels', (request, response) => list(request, response, 'channels', state.channels));
  router.get('/users/:id', (request, response) => {
    query(request, ['system_user']);
    const found = state.users.find(({ id }) => id === request.params.id);
    if (!found) throw gone('user');
    response.json(show.user(found));
  });
  router.get('/conversations/fields', (_request, response) => {
    response.json(state.fields.map((name, index) => ({ id: String(index + 1), name, label: name, type: 'TEXT', choices: [], required: false })));
  });
  router.get('/conversations/:id', (request, response) => void response.json(show.conversation(conversationAt(state, request))));
  router.put('/conversations/:id', (request, response) => {
    const conversation = conversationAt(state, request);
    change(state, conversation, readJson(request, ['status', 'assigned_agent_id', 'assigned_group_id', 'properties']));
    response.json(show.conversation(conversation));
  });
  router.get('/conversations/:id/messages', (request, response) => messages(state, account, links, request, response));
  router.post('/conversations/:id/messages', (request, response) => {
    const conversation = conversationAt(state, request, account.messagesBy);
    const message = post(state, conversation, readJson(request, ['message_parts', 'reply_parts', 'message_type', 'actor_type', 'actor_id', 'user_id']));
    response.status(202).json(show.message(state, conversation, message, { links, interactions: true }));
  });
  router.post('/files/upload', async (request, response) => {
    const file = store(state, await readUpload(request, 'file'), 'file');
    response.json({ file_hash: file.id, file_name: file.name, file_content_type: file.mime, file_size: file.bytes.length });
  });
  router.post('/images/upload', async (request, response) => {
    response.json({ url: links.of(store(state, await readUpload(request, 'image'), 'image')) });
  });
  router.use(reports(state, account, links));
  return router;
}

/** Newest first, no totals, and a link as long as there is more. 4.4. */
function messages(state: State, account: Account, links: show.Links, request: Request, response: Response): void {
  const conversation = conversationAt(state, request, account.messagesBy);
  const given = query(request, ['page', 'items_per_page', 'from_time']);
  const page = whole('page', given.page, 1, 1_000_000);
  const size = whole('items_per_page', given.items_per_page, 20, 50);
  const from = given.from_time === undefined ? Number.NEGATIVE_INFINITY : Date.parse(given.from_time);
  if (Number.isNaN(from)) throw invalid('from_time must be an ISO time');
  const rows = conversation.messages.map((one, index) => ({ one, index })).filter(({ one }) => one.at >= from);
  rows.sort((a, b) => b.one.at - a.one.at || b.index - a.index);
  const shown = rows.slice((page - 1) * size, page * size).map(({ one }) => {
    one.reads += 1;
    const linked = one.actor !== 'user' || one.reads > account.readsWithoutLink;
    return show.message(state, conversation, one, { links: linked ? links : undefined, interactions: account.interactions !== 'none' });
  });
  const more = rows.length > page * size;
  const time = given.from_time === undefined ? '' : `&from_time=${encodeURIComponent(given.from_time)}`;
  const href = `/v2/conversations/${request.params.id}/messages?page=${page + 1}&items_per_page=${size}${time}`;
  response.json({ messages: shown, ...(more ? { link: { href, rel: 'next_page', method: 'GET' } } : {}) });
}

function post(state: State, conversation: Conversation, body: Fields) {
  const parts = takeParts(state, body.message_parts);
  if (body.reply_parts !== undefined) throw unknown('what becomes of posted reply_parts');
  const type = body.message_type ?? 'normal';
  if (type !== 'normal' && type !== 'private') throw invalid('message_type must be normal or private');
  const actor = body.actor_type;
  if (actor !== 'agent' && actor !== 'bot')
    throw actor === 'user' || actor === 'system' ? unknown(`messages posted as ${actor}`) : invalid('actor_type must be agent, bot, user or system');
  const agent = state.agents.find(({ id }) => id === body.actor_id);
  if (actor === 'agent' && (!agent || agent.deactivated)) throw gone('agent');
  if (type === 'normal' && conversation.status === 'resolved') throw unknown('what becomes of a public message in a resolved conversation');
  return say(state, conversation, state.now(), { actor, actorId: agent?.id ?? null, type, parts, source: 'api' });
}

function change(state: State, conversation: Conversation, body: Fields): void {
  const { status, assigned_agent_id: agent, assigned_group_id: group, properties } = body;
  if (group !== undefined) throw unknown('assignment to a group by the API');
  if (properties !== undefined) {
    if (typeof properties !== 'object' || properties === null) throw invalid('properties must be an object');
    const strange = Object.keys(properties).find((name) => !state.fields.includes(name));
    if (strange) throw new Refusal(400, 'INVALID_VALUE', `There is no conversation property ${strange}`);
    Object.assign(conversation.properties, properties);
  }
  if (agent !== undefined) {
    if (!state.agents.some(({ id }) => id === agent)) throw gone('agent');
    assign(state, conversation, state.now(), String(agent));
  }
  if (status === undefined) return;
  if (status === 'resolved') {
    resolve(state, conversation, state.now(), conversation.agent === null ? 'system' : 'agent');
    return;
  }
  if (status === 'assigned' && conversation.agent === null) throw invalid('A conversation that is assigned needs an agent or a group');
  throw unknown(`what becomes of a conversation whose status is set to ${String(status)}`);
}
