/** Targets are replaced by the delivery engine before a connector sees them; one that is left names a ticket that was never opened. */
import { ConnectorError } from './errors.ts';
import type { TicketRef, TicketTarget } from './operation.ts';

/** Throws ConnectorError `not-found` for a ticket that is not known yet. */
export function needRef(target: TicketRef | TicketTarget | undefined): TicketRef {
  if (target && 'id' in target) return target;
  throw new ConnectorError('not-found', 'The ticket that this belongs to has not been opened.');
}
