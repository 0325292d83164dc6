/** Puts the delivery engine together: dispatch within this process, actions, and the sweep for doubles. */
import type { Log } from '../kit/index.ts';
import type { Store } from '../store/store.ts';
import type { ConnectedChannel, ConnectedHelpdesk, Desk } from '../tickets/desks.ts';
import { type Actions, createActions } from './actions.ts';
import type { Dispatch } from './dispatch/dispatch.ts';
import { createInProcessDispatch } from './dispatch/in-process.ts';
import { createEngine, type Engine } from './engine.ts';
import { createGroup, type Group } from './group.ts';
import { startSweep } from './sweep.ts';

export interface DeliveryParts {
  readonly store: Store;
  readonly channels: ReadonlyMap<string, ConnectedChannel>;
  readonly helpdesks: ReadonlyMap<string, ConnectedHelpdesk>;
  readonly desks: ReadonlyMap<string, Desk>;
  readonly log: Log;
  now(): number;
  id(): string;
}

export interface Delivery {
  readonly engine: Engine;
  readonly group: Group;
  readonly dispatch: Dispatch;
  readonly actions: Actions;
  stop(): Promise<void>;
}

export function startDelivery({ store, channels, helpdesks, desks, log, now, id }: DeliveryParts): Delivery {
  const group = createGroup(store);
  const dispatch = createInProcessDispatch();
  const desksByName = new Map([...helpdesks].map(([name, { helpdesk }]) => [name, helpdesk]));
  const channelsByName = new Map([...channels].map(([name, { channel }]) => [name, channel]));
  const meaning = (helpdesk: string, status: string): string | undefined =>
    desks
      .get(helpdesk)
      ?.known()
      ?.statuses.find((one) => one.id === status)?.meaning;
  const engine = createEngine({ store, group, dispatch, helpdesks: desksByName, channels: channelsByName, log, now, id, random: Math.random, meaning });
  const actions = createActions({ store, group, dispatch, helpdesks: desksByName, now, id, meaning });
  const sweep = startSweep({ store, group, helpdesks: desksByName, log, now });
  return {
    engine,
    group,
    dispatch,
    actions,
    async stop() {
      await sweep.stop();
      await engine.stop();
      await dispatch.close();
    },
  };
}
