/** Any system as a helpdesk: each operation is a signed Standard Webhooks request, and what was sent is read back from our own records. */
import { type Context, defineHelpdesk, type Helpdesk } from '../../src/kit/index.ts';
import { health, maxFileBytes } from './client.ts';
import { runOperation, traces } from './operations.ts';
import { findCompanies, findRequester, listTickets, showTicket } from './queries.ts';
import { schemaOf } from './schema.ts';
import { settings, type WebhookHelpdeskSettings } from './settings.ts';

function createWebhookHelpdesk(context: Context<WebhookHelpdeskSettings>): Helpdesk {
  const { records, name } = context;
  return {
    schema: async () => schemaOf(context.settings),
    findRequester: (_identities, contact) => findRequester(records, contact),
    findCompanies: (company) => findCompanies(records, company),
    tickets: (query) => listTickets(records, name, query),
    ticket: (id) => showTicket(records, name, id),
    run: (operation, step) => runOperation(context, operation, step),
    traces: (operation, result) => traces(context, operation, result),
    health: () => health(context),
  };
}

export default defineHelpdesk({
  id: 'webhook-helpdesk',
  title: 'Webhook (any system)',
  settings,
  capabilities: { privateFirstComment: true, maxFileBytes, maxTicketBytes: maxFileBytes, companies: true, closedIsFinal: false },
  create: createWebhookHelpdesk,
});
