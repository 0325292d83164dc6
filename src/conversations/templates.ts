/** Message templates of channels: asked for seldom, and the last good answer stays while a vendor is down. */
import type { Log, MessageTemplate, TemplateUse } from '../kit/index.ts';
import type { ConnectedChannel } from '../tickets/desks.ts';

const lifeMs = 10 * 60_000;
/** After a failed reading nobody waits for the vendor again until then. */
const failureLifeMs = 30_000;

export interface Templates {
  /** Of one channel; none where it has none, or never answered. */
  of(channel: string): Promise<readonly MessageTemplate[]>;
}

interface Held {
  readonly list: readonly MessageTemplate[];
  readonly until: number;
}

export function createTemplates(channels: ReadonlyMap<string, ConnectedChannel>, { now, log }: { now: () => number; log: Log }): Templates {
  const held = new Map<string, Held>();
  const reading = new Map<string, Promise<readonly MessageTemplate[]>>();

  async function read(name: string, ask: () => Promise<readonly MessageTemplate[]>): Promise<readonly MessageTemplate[]> {
    try {
      const list = await ask();
      held.set(name, { list, until: now() + lifeMs });
      return list;
    } catch (error) {
      log.warn({ err: error, channel: name }, 'the templates could not be read; the last ones stay');
      const list = held.get(name)?.list ?? [];
      held.set(name, { list, until: now() + failureLifeMs });
      return list;
    }
  }

  return {
    async of(name) {
      const channel = channels.get(name)?.channel;
      const known = held.get(name);
      if (known && now() < known.until) return known.list;
      if (!channel?.templates) return [];
      const under = reading.get(name) ?? read(name, () => channel.templates?.() ?? Promise.resolve([])).finally(() => reading.delete(name));
      reading.set(name, under);
      return under;
    },
  };
}

/** The words that the customer gets; undefined where the values do not fit the template. */
export function fillTemplate(template: MessageTemplate, { values }: TemplateUse): string | undefined {
  if (values.length !== template.values || values.some((value) => value.trim() === '')) return undefined;
  return template.body.replace(/\{\{\s*(\d+)\s*\}\}/g, (whole, place: string) => values[Number(place) - 1] ?? whole);
}
