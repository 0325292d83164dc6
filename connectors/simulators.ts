/** Accounts that the sandbox can make up, by connector; each loaded when it is asked for. */
import type { SimulatedAccount, SimulatedChannel } from '../src/kit/simulator.ts';

export const simulators: Readonly<Record<string, () => Promise<SimulatedAccount>>> = {
  freshdesk: async () => (await import('./freshdesk/simulator/sandbox.ts')).sandboxAccount(),
  zendesk: async () => (await import('./zendesk/simulator/sandbox.ts')).sandboxAccount(),
};

/** `hurry`: vendors try their webhooks again within seconds instead of minutes. */
export interface SimulatedChannelOptions {
  readonly now?: () => number;
  readonly seed?: number;
  readonly hurry?: boolean;
}

/** Within seconds, and for longer than the sandbox or the scripted day is ever away. */
const hurriedMs = [100, 300, 1000, 3000, 10_000, 20_000];

export const simulatedChannels: Readonly<Record<string, (options?: SimulatedChannelOptions) => Promise<SimulatedChannel>>> = {
  'chat-widget': async () => (await import('./chat-widget/simulator.ts')).simulatedChannel(),
  email: async (options) => (await import('./email/simulator.ts')).simulatedChannel(options),
  freshchat: async ({ hurry, ...options } = {}) => (await import('./freshchat/simulator.ts')).simulatedChannel({ ...options, ...(hurry ? { hurry: 10 } : {}) }),
  slack: async ({ hurry, now } = {}) =>
    (await import('./slack/simulator.ts')).simulatedChannel({ ...(now ? { now } : {}), ...(hurry ? { minuteMs: 1000 } : {}) }),
  utalk: async ({ hurry, ...options } = {}) =>
    (await import('./utalk/simulator.ts')).simulatedChannel({ ...options, ...(hurry ? { retryMs: hurriedMs } : {}) }),
  webhook: async (options) => (await import('./webhook/simulator.ts')).simulatedChannel(options),
  'whatsapp-cloud': async ({ hurry: _always, ...options } = {}) => (await import('./whatsapp-cloud/simulator.ts')).simulatedChannel(options),
  'whatsapp-web': async ({ hurry: _never, ...options } = {}) => (await import('./whatsapp-web/simulator.ts')).simulatedChannel(options),
  'zendesk-messaging': async ({ hurry, ...options } = {}) =>
    (await import('./zendesk-messaging/simulator.ts')).simulatedChannel({ ...options, ...(hurry ? { hurry: 30 } : {}) }),
};
