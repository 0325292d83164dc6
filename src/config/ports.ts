/** Ports of a command that serves nobody: there is nothing to close, and nobody is typing. And ports that are there a moment later. */
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

/** Connectors are made before what closes conversations; nobody calls them until it is there. */
export const laterClosings = (of: () => Closings): Closings => ({
  agent: (email) => of().agent(email),
  find: (thread) => of().find(thread),
  form: (conversation, agent) => of().form(conversation, agent),
  search: (words) => of().search(words),
  preview: (choice) => of().preview(choice),
  commit: (choice, seen) => of().commit(choice, seen),
});

export const noPorts = { closings: () => closings, live: () => live };
