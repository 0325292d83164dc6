/**
 * A helpdesk at the wire: raw node:http that answers a create as Zendesk does, and the look-ups around it, after a chosen delay. Not the simulator: that
 * one checks and keeps everything, takes most of a core to do so, and would be what is measured. Closed, it refuses creates with 429, so that closings
 * can be committed ahead and be released at once.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from './processes.ts';

export type WireOrder = { readonly open: false } | { readonly open: true; readonly delayMs: number };

export interface WireReport {
  /** Creates taken since it was last opened, and the epoch ms of the first. */
  readonly creates: number;
  readonly firstAt: number;
}

let open = false;
let delayMs = 0;
let creates = 0;
let firstAt = 0;
let last = 1000;

const page = (key: string, items: readonly object[]): object => ({ [key]: items, meta: { has_more: false, after_cursor: null }, links: { next: null } });

const reads: Readonly<Record<string, object>> = {
  '/api/v2/ticket_fields': page('ticket_fields', [{ id: 3, type: 'status', title: 'Status', active: true, required: false }]),
  '/api/v2/groups': page('groups', [{ id: 21, name: 'Support' }]),
  '/api/v2/users/search': { users: [], next_page: null },
  '/api/v2/organizations/autocomplete': { organizations: [] },
  '/api/v2/users/me.json': { user: { id: 11, name: 'Bench', role: 'admin' } },
};

function answer(response: ServerResponse, status: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers }).end(text);
}

function create(response: ServerResponse, body: Buffer): void {
  if (!open) {
    answer(response, 429, { error: 'later' }, { 'retry-after': '1' });
    return;
  }
  if (creates === 0) firstAt = Date.now();
  creates += 1;
  const { ticket } = JSON.parse(body.toString()) as { ticket: { subject: string; external_id: string } };
  const now = new Date().toISOString();
  const made = {
    id: ++last,
    subject: ticket.subject,
    external_id: ticket.external_id,
    status: 'open',
    tags: [],
    custom_fields: [],
    created_at: now,
    updated_at: now,
  };
  const send = (): void => answer(response, 201, { ticket: made, audit: { id: last, events: [] } }, { 'x-idempotency-lookup': 'miss' });
  if (delayMs > 0) setTimeout(send, delayMs);
  else send();
}

function handle(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const { pathname } = new URL(request.url ?? '/', 'http://wire');
  const known = request.method === 'GET' ? reads[pathname] : undefined;
  if (request.method === 'POST' && pathname === '/api/v2/tickets') create(response, body);
  else if (pathname === '/oauth/tokens') answer(response, 201, { access_token: 'token', token_type: 'bearer', scope: 'read write', expires_in: 86_400 });
  else answer(response, known ? 200 : 404, known ?? { error: `the wire knows no ${request.method} ${pathname}` });
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => handle(request, response, Buffer.concat(chunks)));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () =>
  serve<WireOrder | 'report', WireReport>({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, (order) => {
    if (order !== 'report') {
      open = order.open;
      if (order.open) [delayMs, creates, firstAt] = [order.delayMs, 0, 0];
    }
    return { creates, firstAt };
  }),
);
