import { describeChannel } from '../../test/contract/channel.ts';
import { describeFaults } from '../../test/contract/channel-faults.ts';
import { testContext } from '../../test/support/context.ts';
import whatsAppWeb from './index.ts';
import { settings } from './settings.ts';
import { simulatedChannel } from './simulator.ts';

const make = () => whatsAppWeb.create(testContext(settings.parse({ acceptTermsRisk: true, language: 'pt-BR' })));

describeChannel({
  definition: whatsAppWeb,
  make,
  fixtures: new URL('./fixtures/', import.meta.url),
  unknown: [
    null,
    'text',
    {},
    { kind: 'hologram', account: '5511900000001@c.us', chat: '5511988887777@c.us', at: 1795090200000, id: 'x' },
    { kind: 'edit', account: '5511900000001@c.us', chat: '5511988887777@c.us', at: 'yesterday', id: 'x', text: 'y' },
    { kind: 'unreadable', event: 'message_create', reason: 'timestamp is no number', raw: { id: 'x' } },
  ],
});

describeFaults({
  definition: whatsAppWeb,
  account: (now) => simulatedChannel({ now }),
  visible: { method: 'POST', path: /^\/chats\/[^/]+\/messages$/ },
  piece: 4096,
});
