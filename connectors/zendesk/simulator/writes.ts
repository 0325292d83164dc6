/** Writing routes: tickets, tags, batches, users and uploads. */
import { randomBytes } from 'node:crypto';
import type { Request, Response, Router } from 'express';
import { queueUpdates, shownJob } from './jobs.ts';
import type { Limiter } from './limits.ts';
import { notFound, Refusal, unknown } from './refusal.ts';
import { shownAttachment, shownTicket, shownUser } from './shown.ts';
import { iso, needTicket, type SimState, type SimTicket } from './state.ts';
import { createTicket, updateTicket, withKey } from './tickets.ts';
import { upsertUser } from './users.ts';
import type { Said } from './values.ts';

export interface WriteOptions extends Said {
  /** Whether answers carry `x-idempotency-lookup`. */
  readonly idempotency: boolean;
  readonly jobsAfterMs: number;
}

/** Tokens live three days, as `expires_at` on the wire says. */
const uploadLife = 3 * 86_400_000;

export function json(request: Request): Record<string, unknown> {
  if (!String(request.headers['content-type'] ?? '').includes('json')) throw unknown('a JSON body without Content-Type: application/json');
  const body: unknown = JSON.parse((request.body as Buffer).toString());
  if (body === null || typeof body !== 'object') throw unknown('a body that is no object');
  return body as Record<string, unknown>;
}

function warn(response: Response, dropped: readonly string[]): void {
  if (!dropped.length) return;
  response.setHeader('X-Zendesk-API-Warn', `{:allowed_parameters=>{:unpermitted_keys=>[${dropped.map((key) => `"${key}"`).join(', ')}]}}`);
}

export function ticketWrites(router: Router, state: SimState, limiter: Limiter, options: WriteOptions): void {
  const shown = (ticket: SimTicket) => ({
    ticket: shownTicket(state, ticket),
    audit: { id: state.id(), ticket_id: ticket.id, metadata: { custom: ticket.comments.at(-1)?.metadata ?? {} }, events: [] },
  });

  router.post('/tickets', (request, response) => {
    const body = json(request);
    const dropped: string[] = [];
    const key = request.headers['idempotency-key'];
    const { answer, lookup } = withKey(state, key === undefined ? undefined : String(key), JSON.stringify(body), () =>
      shown(createTicket(state, options, (body.ticket ?? {}) as Record<string, unknown>, dropped)),
    );
    warn(response, dropped);
    if (lookup && options.idempotency) response.setHeader('x-idempotency-lookup', lookup);
    response.status(201).setHeader('Location', `/api/v2/tickets/${answer.ticket.id}.json`).json(answer);
  });
  router.put('/tickets/update_many', (request, response) => {
    const { job, tickets } = queueUpdates(state, options, request.query.ids, json(request), options.jobsAfterMs);
    limiter.update(response, tickets);
    response.json(shownJob(job));
  });
  router.put('/tickets/:id', (request, response) => {
    const ticket = needTicket(state, request.params.id);
    limiter.update(response, [ticket.id]);
    const dropped: string[] = [];
    updateTicket(state, options, ticket, (json(request).ticket ?? {}) as Record<string, unknown>, dropped);
    warn(response, dropped);
    response.json(shown(ticket));
  });
  router.put('/tickets/:id/tags', (request, response) => {
    const ticket = needTicket(state, request.params.id);
    limiter.update(response, [ticket.id]);
    const { tags, ...stamp } = json(request);
    updateTicket(state, options, ticket, { ...stamp, tags: [...ticket.tags, ...(tags as string[])] }, []);
    response.json({ tags: ticket.tags });
  });
  router.get('/job_statuses/:id', (request, response) => {
    const job = state.jobs.get(request.params.id);
    if (!job) throw notFound();
    response.json(shownJob(job));
  });
}

export function otherWrites(router: Router, state: SimState, limiter: Limiter): void {
  router.post('/users/create_or_update', (request, response) => {
    limiter.upsert();
    const { status, user } = upsertUser(state, (json(request).user ?? {}) as Record<string, unknown>);
    response
      .status(status)
      .setHeader('Location', `/api/v2/users/${user.id}.json`)
      .json({ user: shownUser(user) });
  });
  router.post('/uploads', (request, response) => {
    const name = request.query.filename;
    if (typeof name !== 'string' || !name) throw unknown('an upload without filename');
    if (!request.headers['content-type']) throw unknown('an upload without Content-Type');
    const bytes = request.body as Buffer;
    if (bytes.length > 50 * 2 ** 20) throw new Refusal(413, { error: 'AttachmentTooLarge', description: 'Attachment is too large. Limit 50 megabytes.' });
    const attachment = { id: state.id(), file_name: name, content_type: String(request.headers['content-type']), size: bytes.length, bytes };
    const token = randomBytes(12).toString('base64url');
    const expiresAt = state.second() + uploadLife;
    state.uploads.set(token, { expiresAt, attachment });
    const upload = { token, expires_at: iso(expiresAt), attachment: shownAttachment(attachment), attachments: [shownAttachment(attachment)] };
    // Labelled as text although it is JSON, as on the wire.
    response.status(201).type('text/plain').send(JSON.stringify({ upload }));
  });
}
