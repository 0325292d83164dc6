/** Notes, replies and the summary of the simulated account. "Conversations", "Ticket Summary". */
import { type Request, type Response, Router } from 'express';
import { type Body, readBody } from './body.ts';
import { clean, plain } from './html.ts';
import { page, readQuery } from './lists.ts';
import { gone, invalid, Refusal, unknown } from './refusal.ts';
import * as show from './show.ts';
import type { Conversation, State } from './state.ts';
import { changeable, takeFiles, ticketAt } from './tickets.ts';

function check(body: Body, allowed: Readonly<Record<string, 'string' | 'boolean' | 'list'>>): void {
  if ('structured_body' in body.attributes) throw unknown('structured_body');
  for (const [field, raw] of Object.entries(body.attributes)) {
    const kind = allowed[field];
    if (!kind) throw invalid([{ field, message: 'Unexpected/invalid field in request', code: 'invalid_field' }]);
    const value = body.texts && kind === 'boolean' ? raw === 'true' || (raw === 'false' ? false : raw) : raw;
    const good = kind === 'list' ? Array.isArray(value) : typeof value === kind;
    if (!good) throw invalid([{ field, message: `Value set is of type ${typeof value}.It should be a/an ${kind}`, code: 'datatype_mismatch' }]);
  }
  if (!body.attributes.body) throw invalid([{ field: 'body', message: 'It should not be blank as this is a mandatory field', code: 'missing_field' }]);
}

async function add(state: State, kind: 'note' | 'reply', request: Request, response: Response): Promise<void> {
  const ticket = changeable(ticketAt(state, request));
  const body = await readBody(request);
  check(
    body,
    kind === 'note'
      ? { body: 'string', private: 'boolean', incoming: 'boolean', notify_emails: 'list' }
      : { body: 'string', cc_emails: 'list', bcc_emails: 'list' },
  );
  const { attributes } = body;
  const to = state.contacts.find(({ id }) => id === ticket.requester_id)?.email;
  if (kind === 'reply' && !to) throw unknown('what becomes of a reply to a requester without an e-mail address');
  const one: Conversation = {
    id: state.nextId(),
    ticket_id: ticket.id,
    user_id: state.agents[0]?.id ?? 0,
    body: clean(String(attributes.body)),
    private: kind === 'note' && String(attributes.private ?? true) === 'true',
    incoming: kind === 'note' && String(attributes.incoming ?? false) === 'true',
    source: kind === 'note' ? 2 : 0,
    to_emails: kind === 'reply' && to ? [to] : [],
    attachments: takeFiles(state, body, ticket),
    created_at: state.now(),
  };
  state.conversations.push(one);
  ticket.updated_at = state.now();
  if (kind === 'reply' && to) state.mails.push({ to, ticket: ticket.id, body: one.body });
  response.status(201).json({ ...show.conversation(one), ...(kind === 'reply' ? { replied_to: one.to_emails } : { notified_to: [] }) });
}

export function conversations(state: State, hasSummaries: () => boolean): Router {
  const router = Router();
  router.post('/tickets/:id/notes', (request, response) => add(state, 'note', request, response));
  router.post('/tickets/:id/reply', (request, response) => add(state, 'reply', request, response));
  router.get('/tickets/:id/conversations', (request, response) => {
    const ticket = ticketAt(state, request);
    const query = readQuery(request, ['page']);
    const rows = state.conversations.filter(({ ticket_id }) => ticket_id === ticket.id);
    response.json(page(request, response, rows, query, 30).map(show.conversation));
  });
  router.all('/tickets/:id/summary', (_request, _response, next) => {
    if (!hasSummaries()) throw new Refusal(403, { code: 'require_feature', message: 'The Ticket Summary feature is not supported in your plan.' });
    next();
  });
  const summary = (request: Request, response: Response): void => {
    const { id, summary: body, updated_at } = ticketAt(state, request);
    if (body === null) throw gone();
    response.json({ id, ticket_id: id, body, body_text: plain(body), attachments: [], created_at: show.time(updated_at), updated_at: show.time(updated_at) });
  };
  router.get('/tickets/:id/summary', summary);
  router.put('/tickets/:id/summary', async (request, response) => {
    const ticket = changeable(ticketAt(state, request));
    const body = await readBody(request);
    if (body.files.length) throw unknown('files of a summary');
    check(body, { body: 'string' });
    Object.assign(ticket, { summary: clean(String(body.attributes.body)), updated_at: state.now() });
    summary(request, response);
  });
  router.delete('/tickets/:id/summary', (request, response) => {
    changeable(ticketAt(state, request)).summary = null;
    response.status(204).end();
  });
  return router;
}
