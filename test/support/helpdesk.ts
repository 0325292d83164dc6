/** A helpdesk made of memory, whose behaviour a test scripts: each effect is remembered, can be looked up, and may go wrong before or after. */
import { ConnectorError, type Helpdesk, type Operation, type OperationResult, type TicketRef } from '../../src/kit/index.ts';

export interface Effect {
  readonly operation: string;
  readonly kind: Operation['kind'];
  readonly ticket: TicketRef;
  readonly request: Operation;
}

/** Call `act` for the effect to happen; throw before it or after it. */
export type Behaviour = (operation: Operation, act: () => TicketRef) => TicketRef | Promise<TicketRef>;

export interface ScriptedHelpdesk extends Helpdesk {
  readonly name: string;
  readonly effects: Effect[];
  /** Every send that reached it, with or without effect. */
  readonly calls: Operation[];
  behave(behaviour: Behaviour): void;
}

export const down = () => new ConnectorError('unavailable', 'the desk did not answer', { retry: 'backoff', effect: 'none' });
export const timedOut = () => new ConnectorError('unavailable', 'the desk did not answer in time', { retry: 'backoff', effect: 'unclear' });
export const slowDown = (afterMs: number) => new ConnectorError('rate-limited', 'too many requests', { retry: { afterMs }, effect: 'none', status: 429 });
export const refused = () => new ConnectorError('refused', 'the field was refused', { field: 'type', status: 422 });

export function scriptedHelpdesk(name: string, options: { settleMs?: number; canLook?: boolean } = {}): ScriptedHelpdesk {
  const effects: Effect[] = [];
  const calls: Operation[] = [];
  let behaviour: Behaviour = (_operation, act) => act();
  const ref = (id: string): TicketRef => ({ helpdesk: name, id, number: id, url: `https://${name}.example/${id}` });

  function act(operation: Operation): TicketRef {
    const known = 'ticket' in operation && 'number' in operation.ticket ? operation.ticket : undefined;
    const ticket = known ?? ref(String(effects.filter(({ kind }) => kind === 'open').length + 1));
    effects.push({ operation: operation.id, kind: operation.kind, ticket, request: operation });
    return ticket;
  }
  const find = (operation: Operation): TicketRef | undefined => effects.find((effect) => effect.operation === operation.id)?.ticket;
  const unused = async (): Promise<never> => {
    throw new Error('not part of this test');
  };

  return {
    name,
    effects,
    calls,
    behave(next) {
      behaviour = next;
    },
    async run(operation, step): Promise<OperationResult> {
      const ticket = await step(operation.kind, {
        body: () => operation.id,
        send: async () => {
          calls.push(operation);
          return { ...(await behaviour(operation, () => act(operation))) };
        },
        ...(options.canLook === false
          ? {}
          : {
              find: async () => {
                const found = find(operation);
                return found && { ...found };
              },
            }),
        settleMs: options.settleMs ?? 1_000,
      });
      return { ticket };
    },
    traces: async (operation) => effects.filter((effect) => effect.operation === operation.id).map(({ ticket }) => ticket.url),
    schema: unused,
    findRequester: async () => undefined,
    findCompanies: async () => [],
    async *tickets() {},
    ticket: unused,
    health: async () => ({ detail: 'scripted' }),
  };
}
