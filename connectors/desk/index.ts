/** The built-in desk: tickets in Deskbridge's own database, through the `records` port alone. */
import { type Context, defineHelpdesk, type Helpdesk } from '../../src/kit/index.ts';
import { runOperation, traces } from './operations.ts';
import { findCompanies, listTickets, showTicket } from './queries.ts';
import { deskSchema } from './schema.ts';
import { type DeskSettings, settings } from './settings.ts';
import type { StoredTicket } from './tickets.ts';

function createDesk(context: Context<DeskSettings>): Helpdesk {
  const { records } = context;
  const schema = deskSchema(context.settings);
  return {
    schema: async () => schema,
    async findRequester(_identities, contact) {
      const [latest] = await records.list<StoredTicket>('tickets', { index: contact, limit: 1 });
      return latest && { ...latest.value.requester, company: latest.value.company };
    },
    findCompanies: (name) => findCompanies(records, name),
    tickets: (query) => listTickets(records, context, query),
    ticket: (id) => showTicket(records, context, id),
    run: (operation, step) => runOperation({ context, schema }, operation, step),
    traces: (operation, result) => traces({ context, schema }, operation, result),
    async health() {
      await records.list('tickets', { limit: 1 });
      return { detail: 'ready' };
    },
  };
}

export default defineHelpdesk({
  id: 'desk',
  title: 'Built-in desk',
  settings,
  capabilities: {
    privateFirstComment: true,
    maxFileBytes: 50 * 2 ** 20,
    maxTicketBytes: 500 * 2 ** 20,
    companies: true,
    closedIsFinal: true,
    mailsNobody: true,
  },
  create: createDesk,
});
