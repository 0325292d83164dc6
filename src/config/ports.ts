/** The ports of a command that serves nobody: there is nothing to close, and nobody is typing. */
import type { Closings, Live } from '../kit/index.ts';

const closings: Closings = {
  agent: async () => undefined,
  find: async () => undefined,
  form: async () => undefined,
  search: async () => [],
  preview: async () => undefined,
  commit: async () => ({ is: 'not-found' }),
};
const live: Live = { typing() {}, watchTyping: () => () => {} };

export const noPorts = { closings: () => closings, live: () => live };
