/** Accounts that the sandbox can make up, by connector; each loaded when it is asked for. */
import type { SimulatedAccount } from '../src/kit/simulator.ts';

export const simulators: Readonly<Record<string, () => Promise<SimulatedAccount>>> = {
  freshdesk: async () => (await import('./freshdesk/simulator/sandbox.ts')).sandboxAccount(),
  zendesk: async () => (await import('./zendesk/simulator/sandbox.ts')).sandboxAccount(),
};
