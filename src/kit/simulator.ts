/** The door for simulators and their tests alone: production code never loads it, so `index.ts` does not re-export it. */
export * from './simulator/account.ts';
export * from './simulator/channel.ts';
export * from './simulator/dials.ts';
export * from './simulator/faultable.ts';
export * from './simulator/listen.ts';
export * from './simulator/random.ts';
export * from './simulator/webhooks.ts';
