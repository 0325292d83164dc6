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

export const simulatedChannels: Readonly<Record<string, (options?: SimulatedChannelOptions) => Promise<SimulatedChannel>>> = {
  email: async (options) => (await import('./email/simulator.ts')).simulatedChannel(options),
  webhook: async (options) => (await import('./webhook/simulator.ts')).simulatedChannel(options),
};
