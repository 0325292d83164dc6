/** Conversations, their messages, their switchboard, and the webhooks of an integration. */
import { type Express, Router } from 'express';
import { checkAccess, type Key } from './access.ts';
import { checkMetadata, checkPost } from './posting.ts';
import { badRequest, type Fields, isObject, only, Refusal, unknown } from './refusal.ts';
import { hookConversation, listedMessage } from './shapes.ts';
import { type Integration, type SimConversation, type SimMessage, type SimState, switchboard } from './state.ts';

export interface ConversationOptions {
  readonly appId: string;
  readonly key: Key;
  readonly now: () => number;
  readonly scope: 'app' | 'integration';
  readonly limit: number;
  webhooks(): readonly object[];
  add(conversation: SimConversation, message: Omit<SimMessage, 'id'>): SimMessage;
  tell(type: string, conversation: SimConversation, more: object): void;
}

const pageSize = 100;
const maxJsonBytes = 100 * 1024;

function json(body: Buffer): Fields {
  if (body.length > maxJsonBytes) throw new Refusal(413, 'payload_too_large', 'JSON is limited to 100kB');
  try {
    const read: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
    if (isObject(read)) return read;
  } catch {
    // Said below.
  }
  throw badRequest('The body is not JSON');
}

/** The last page first; `page[before]` leads to older ones. */
function listMessages({ messages }: SimConversation, query: Fields, path: string): object {
  only(query, 'query', 'page[before]', 'page[after]');
  if (query['page[after]'] !== undefined) throw unknown('paging forward through messages');
  const before = query['page[before]'];
  const end = before === undefined ? messages.length : messages.findIndex(({ id }) => id === before);
  if (end < 0) throw badRequest('"page[before]" is not a message of this conversation');
  const start = Math.max(0, end - pageSize);
  const page = messages.slice(start, end);
  const [first] = page;
  const hasMore = start > 0;
  return {
    messages: page.map(listedMessage),
    meta: { hasMore, ...(hasMore && first ? { beforeCursor: first.id } : {}) },
    ...(hasMore && first ? { links: { prev: `${path}?page[before]=${first.id}` } } : {}),
  };
}

function nextOf(active: Integration | undefined): Integration | undefined {
  return switchboard[switchboard.findIndex(({ id }) => id === active?.id) + 1];
}

function targetOf(wanted: unknown, active: Integration | undefined): Integration {
  if (typeof wanted !== 'string' || wanted === '') throw badRequest('"switchboardIntegration" is required');
  const found = wanted === 'next' ? nextOf(active) : switchboard.find((one) => [one.id, one.name, one.integrationType].some((name) => name === wanted));
  if (!found) throw new Refusal(404, 'switchboard_integration_not_found', 'Switchboard integration not found');
  return found;
}

export function conversationRoutes(app: Express, state: SimState, options: ConversationOptions): void {
  const { appId, key, now, scope } = options;
  const router = Router();
  router.use((request, _response, next) => {
    checkAccess(request.headers.authorization, key, now());
    next();
  });
  router.get('/v2/apps/:app', (request, response) => {
    if (scope === 'integration') throw new Refusal(403, 'forbidden', 'Forbidden');
    if (request.params.app !== appId) throw new Refusal(404, 'app_not_found', 'App not found');
    response.json({ app: { id: appId, displayName: 'Academia Suporte', settings: {}, metadata: {}, subdomain: 'academia' } });
  });
  router.use('/v2/apps/:app', (request, _response, next) => {
    if (request.params.app !== appId) throw new Refusal(404, 'app_not_found', 'App not found');
    next();
  });
  const base = `/v2/apps/${appId}`;
  router.get(`${base}/integrations/:id/webhooks`, (request, response) => {
    if (!['me', '5ef21b86e933b7355c11c703'].includes(request.params.id)) throw new Refusal(404, 'integration_not_found', 'Integration not found');
    response.json({ webhooks: options.webhooks() });
  });
  router.get(`${base}/conversations/:id`, (request, response) => {
    response.json({ conversation: hookConversation(state.need(request.params.id)) });
  });
  router.get(`${base}/conversations/:id/messages`, (request, response) => {
    response.json(listMessages(state.need(request.params.id), request.query, `${base}/conversations/${request.params.id}/messages`));
  });
  router.post(`${base}/conversations/:id/messages`, (request, response) => {
    const conversation = state.need(request.params.id);
    const { author, content, metadata } = checkPost(json(request.body as Buffer));
    if (conversation.messages.length >= options.limit) throw new Refusal(423, 'locked', `Message limit of ${options.limit} per conversation reached.`);
    const message = options.add(conversation, { received: now(), author, content, source: { type: 'api:conversations' }, ...(metadata ? { metadata } : {}) });
    response.status(201).json({ messages: [listedMessage(message)] });
  });
  router.post(`${base}/conversations/:id/passControl`, (request, response) => {
    const conversation = state.need(request.params.id);
    const body = json(request.body as Buffer);
    only(body, 'body', 'switchboardIntegration', 'metadata');
    const metadata = checkMetadata(body.metadata);
    const target = targetOf(body.switchboardIntegration, conversation.active);
    const changed = conversation.active !== target;
    conversation.active = target;
    if (changed) options.tell('switchboard:passControl', conversation, metadata ? { metadata } : {});
    response.json({});
  });
  router.post(`${base}/conversations/:id/releaseControl`, (request, response) => {
    const conversation = state.need(request.params.id);
    const body = json(request.body as Buffer);
    only(body, 'body', 'metadata');
    const metadata = checkMetadata(body.metadata);
    if (scope === 'integration' && conversation.active?.integrationType !== 'custom') throw new Refusal(403, 'forbidden', 'Forbidden');
    conversation.active = undefined;
    options.tell('switchboard:releaseControl', conversation, metadata ? { metadata } : {});
    response.json({});
  });
  router.use((request) => {
    throw unknown(`${request.method} ${request.originalUrl.split('?')[0]}`);
  });
  app.use('/sc', router);
}
