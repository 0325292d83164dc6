/** Zendesk Support as a helpdesk (Support API v2). */
import { defineHelpdesk } from '../../src/kit/index.ts';
import { createZendesk } from './helpdesk.ts';
import { settings } from './settings.ts';

export default defineHelpdesk({
  id: 'zendesk',
  title: 'Zendesk',
  settings,
  capabilities: {
    privateFirstComment: true,
    maxFileBytes: 50 * 2 ** 20,
    maxTicketBytes: 500 * 2 ** 20,
    companies: true,
    closedIsFinal: true,
  },
  create: createZendesk,
});
