/** Deskbridge's own chat widget: one script tag on any page. The customer sees the conversation as the history port shows it, without internal messages. */
import { type Channel, ConnectorError, type Context, defineChannel } from '../../src/kit/index.ts';
import { normalize } from './normalize.ts';
import { maxTextLength, widgetRoutes } from './routes.ts';
import { settings, type WidgetSettings } from './settings.ts';

function createWidget(context: Context<WidgetSettings>): Channel {
  return {
    intake: [{ via: 'routes', routes: widgetRoutes(context) }],
    normalize: ({ payload }) => normalize(payload),
    /** No call to make: the core has stored the message, and the history port wakes the streams that show it. */
    async send(reply, to) {
      // The type forbids it; should somebody get around the type, a customer must not be the one who notices.
      if (reply.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never shown to a visitor');
      return { externalId: to.message };
    },
    async health() {
      await context.records.list('visitors', { limit: 1 });
      return { detail: `<script src="${context.publicUrl}/widget.js" data-channel="${context.name}"></script>` };
    },
  };
}

export default defineChannel({
  id: 'chat-widget',
  title: 'Chat widget',
  settings,
  capabilities: { reply: true, endSignal: false, maxTextLength, findsSent: true },
  create: createWidget,
});
