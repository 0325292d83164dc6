/** Freshdesk as a helpdesk. Freshdesk API v2 (developers.freshdesk.com/api). */
import { type Context, defineHelpdesk, type Helpdesk } from '../../src/kit/index.ts';
import { createDesk } from './desk.ts';
import { maxTicketBytes } from './multipart.ts';
import { runOperation, traces } from './operations.ts';
import { findCompanies, findRequester } from './people.ts';
import { schemaOf } from './schema.ts';
import { type FreshdeskSettings, settings } from './settings.ts';
import { ticketDetail, tickets } from './tickets.ts';
import * as wire from './wire.ts';

const scopes: Readonly<Record<number, string>> = { 1: 'all tickets', 2: 'tickets of its groups only', 3: 'its own tickets only' };

function createFreshdesk(context: Context<FreshdeskSettings>): Helpdesk {
  const desk = createDesk(context);
  return {
    schema: async () => schemaOf(await desk.fields(), context.settings),
    findRequester: (identities, contact) => findRequester(desk, identities, contact),
    findCompanies: (name) => findCompanies(desk, name),
    tickets: (query) => tickets(desk, query),
    ticket: (id) => ticketDetail(desk, id),
    run: (operation, step) => runOperation(desk, operation, step),
    traces: (operation, result) => traces(desk, operation, result),
    async health() {
      const me = await desk.client.get('/agents/me', wire.me);
      return {
        detail: [me.contact?.name, scopes[me.ticket_scope ?? 0], me.occasional ? 'occasional agent: the key changes every night' : '']
          .filter(Boolean)
          .join(', '),
      };
    },
  };
}

export default defineHelpdesk({
  id: 'freshdesk',
  title: 'Freshdesk',
  settings,
  capabilities: { privateFirstComment: false, maxFileBytes: maxTicketBytes, maxTicketBytes, companies: true, closedIsFinal: false, timeEntries: true },
  create: createFreshdesk,
});
