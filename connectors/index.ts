/** The registry: one lazy import a connector, so that what is not configured is not loaded. */
import type { ConnectorDefinition } from '../src/kit/index.ts';

export const connectors: Readonly<Record<string, () => Promise<{ default: ConnectorDefinition }>>> = {
  'chat-widget': () => import('./chat-widget/index.ts'),
  desk: () => import('./desk/index.ts'),
  email: () => import('./email/index.ts'),
  freshchat: () => import('./freshchat/index.ts'),
  freshdesk: () => import('./freshdesk/index.ts'),
  slack: () => import('./slack/index.ts'),
  utalk: () => import('./utalk/index.ts'),
  webhook: () => import('./webhook/index.ts'),
  'webhook-helpdesk': () => import('./webhook-helpdesk/index.ts'),
  'whatsapp-cloud': () => import('./whatsapp-cloud/index.ts'),
  'whatsapp-web': () => import('./whatsapp-web/index.ts'),
  zendesk: () => import('./zendesk/index.ts'),
  'zendesk-messaging': () => import('./zendesk-messaging/index.ts'),
};
