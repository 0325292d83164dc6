/** Of the Support API, what a chat's ticket needs: a token, who it is, and the active ticket of a conversation. */
import type { Express } from 'express';
import { badRequest, isObject } from './refusal.ts';
import type { SimState } from './state.ts';

export const supportClient = { clientId: 'deskbridge', clientSecret: 'simulated-support-secret' };

export function supportRoutes(app: Express, state: SimState, token: string): void {
  app.post('/oauth/tokens', (request, response) => {
    const body: unknown = JSON.parse((request.body as Buffer).toString('utf8'));
    if (!isObject(body) || body.grant_type !== 'client_credentials') throw badRequest('grant_type');
    if (body.client_id !== supportClient.clientId || body.client_secret !== supportClient.clientSecret)
      return void response.status(401).json({ error: 'invalid_client', error_description: 'Client authentication failed' });
    response.status(201).json({ access_token: token, token_type: 'bearer', scope: body.scope, expires_in: body.expires_in });
  });
  const known = (authorization: string | undefined): boolean => authorization === `Bearer ${token}`;
  // A caller that nobody knows is told 200 here: the trap of every health check.
  app.get('/api/v2/users/me.json', (request, response) => {
    response.json({ user: known(request.headers.authorization) ? { id: 1, name: 'Deskbridge' } : { id: null, name: 'Anonymous user' } });
  });
  app.get('/api/v2/tickets/messaging/conversations/:id/ticket', (request, response) => {
    if (!known(request.headers.authorization)) return void response.status(401).json({ error: "Couldn't authenticate you" });
    const ticket = state.conversations.get(request.params.id)?.ticket;
    if (ticket === undefined) return void response.status(404).json({ error: 'RecordNotFound', description: 'Not found' });
    response.json({ ticket: { id: ticket, status: 'open', from_messaging_channel: true } });
  });
}
