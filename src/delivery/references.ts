/** Replaces targets that name operations by the tickets which those operations opened. */
import type { Block, Operation, TicketRef, TicketTarget } from '../kit/index.ts';

const isTarget = (value: object): value is TicketTarget => 'operation' in value && typeof value.operation === 'string' && Object.keys(value).length === 1;

function walk(value: unknown, change: (target: TicketTarget) => unknown): unknown {
  if (Array.isArray(value)) return value.map((inner) => walk(inner, change));
  if (value === null || typeof value !== 'object') return value;
  if (isTarget(value)) return change(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, change)]));
}

type Part = Pick<Operation, never>;

/** Only places that hold tickets are walked: a helpdesk's own fields may look like anything. */
function inTickets<O extends Part>(operation: O, change: (target: TicketTarget) => TicketRef | TicketTarget): O {
  const blocks = (text: { readonly blocks: readonly Block[] }): object => ({
    ...text,
    blocks: text.blocks.map((block) => (block.type === 'tickets' ? { ...block, tickets: walk(block.tickets, change) } : block)),
  });
  const entries = Object.entries(operation).map(([key, value]: [string, unknown]) => {
    if (key === 'ticket' || key === 'tickets') return [key, walk(value, change)];
    if (key === 'note' || key === 'description' || key === 'reply') return [key, blocks(value as { blocks: Block[] })];
    if (key === 'notes') return [key, (value as { blocks: Block[] }[]).map(blocks)];
    if (key === 'ifClosed') return [key, inTickets(value as Part, change)];
    return [key, value];
  });
  return Object.fromEntries(entries) as O;
}

/** Operations that must have opened their tickets before this one can run or be worded. */
export function referencesOf(operation: Part): readonly string[] {
  const named = new Set<string>();
  inTickets(operation, (target) => {
    named.add(target.operation);
    return target;
  });
  return [...named];
}

/** Keys of the plan become ids at commit. Throws on a key that the plan does not have. */
export function renameReferences<O extends Part>(operation: O, ids: ReadonlyMap<string, string>): O {
  return inTickets(operation, ({ operation: key }) => {
    const id = ids.get(key);
    if (!id) throw new Error(`the plan has no operation ${key}`);
    return { operation: id };
  });
}

/** Throws on a target whose operation has no ticket yet: the engine waits for those first. */
export function resolveReferences<O extends Part>(operation: O, tickets: ReadonlyMap<string, TicketRef>): O {
  return inTickets(operation, ({ operation: id }) => {
    const ticket = tickets.get(id);
    if (!ticket) throw new Error(`operation ${id} has no ticket yet`);
    return ticket;
  });
}
