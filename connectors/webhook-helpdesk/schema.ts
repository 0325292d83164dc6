/** What ops told about the receiving system, and the check that values keep to it. */
import { ConnectorError, type DeskSchema, type TicketValues } from '../../src/kit/index.ts';
import type { WebhookHelpdeskSettings } from './settings.ts';

export const schemaOf = ({ statuses, priorities, groups }: WebhookHelpdeskSettings): DeskSchema => ({ fields: [], statuses, priorities, groups, agents: [] });

/** Throws `refused` with the name of the value that the settings do not list. */
export function checkValues({ statuses, priorities, groups }: WebhookHelpdeskSettings, values: TicketValues): void {
  const check = (name: 'status' | 'priority' | 'group', known: readonly string[]): void => {
    const value = values[name];
    if (value === undefined || known.includes(value)) return;
    throw new ConnectorError('refused', `The settings of this helpdesk list no ${name} "${value}".`, { field: name });
  };
  check(
    'status',
    statuses.map(({ id }) => id),
  );
  check(
    'priority',
    priorities.map(({ value }) => value),
  );
  if (groups.length)
    check(
      'group',
      groups.map(({ value }) => value),
    );
}
