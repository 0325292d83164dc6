/** Closing a conversation from the channel's own screen: the same plan, the same digest and the same guards as in the console. */
import type { Kysely } from 'kysely';
import { type ClosingChoice, type ClosingForm, type ClosingPreview, ConnectorError, type Closings as Port } from '../kit/index.ts';
import type { Database } from '../store/schema.ts';
import type { Closings } from './commit.ts';
import { decisionOf } from './outside-decision.ts';
import { formOf } from './outside-form.ts';
import type { Missing, Plan, PlanLine } from './plan.ts';
import type { SnapshotParts, Viewer } from './snapshot.ts';
import { searchTickets } from './ticket-search.ts';

/** A plan's keys in words of one language. */
export interface Sentences {
  line(line: PlanLine): string;
  missing(missing: Missing): string;
  reason(reason: { key: string; values: Record<string, string> }): string;
}

export interface OutsideParts extends SnapshotParts {
  readonly closings: Closings;
  /** Of an agent's closings, as in the console. */
  readonly holdSeconds: number;
  readonly publicUrl: string;
  sentences(locale: string): Promise<Sentences>;
}

interface Who extends Viewer {
  readonly locale: string;
}

async function viewerOf(read: Kysely<Database>, agent: string): Promise<Who | undefined> {
  const row = await read.selectFrom('agents').selectAll().where('id', '=', agent).where('disabled_at', 'is', null).executeTakeFirst();
  return row && { id: row.id, name: row.name, email: row.email, teams: JSON.parse(row.teams) as string[], locale: row.locale };
}

/** The plan's names of fields as a form outside knows them. */
const fieldNames: Readonly<Record<string, string>> = { outcome: 'status', ticket: 'target', helpdesk: 'target', covers: 'messages' };

async function previewOf(parts: OutsideParts, plan: Plan, locale: string): Promise<ClosingPreview> {
  const sentences = await parts.sentences(locale);
  return {
    digest: plan.digest,
    lines: plan.lines.map(sentences.line),
    missing: plan.missing.map((missing) => ({ part: missing.part, field: fieldNames[missing.field] ?? missing.field, message: sentences.missing(missing) })),
  };
}

/** The `closings` port of one channel: it reaches that channel's conversations and no others. */
export const createOutside =
  (parts: OutsideParts) =>
  (channel: string): Port => {
    const { read, closings } = parts;

    const isOurs = async (conversation: string): Promise<boolean> =>
      (await read.selectFrom('conversations').select('id').where('id', '=', conversation).where('channel', '=', channel).executeTakeFirst()) !== undefined;

    /** Undefined where the conversation or the agent is not there. */
    async function request(choice: ClosingChoice, covers?: string) {
      const viewer = (await isOurs(choice.conversation)) ? await viewerOf(read, choice.agent) : undefined;
      if (!viewer) return undefined;
      const decision = await decisionOf(parts, choice, covers);
      return { viewer, planned: { conversation: choice.conversation, decision, viewer } };
    }

    /** The closing that was made with this key, and the last message it covers: the same choice again is the same decision. */
    async function made(key: string): Promise<string | undefined> {
      const row = await read.selectFrom('closings').select('decision').where('idempotency_key', '=', key).executeTakeFirst();
      return row && (JSON.parse(row.decision) as { covers: string }).covers;
    }

    return {
      async agent(email) {
        const row = await read
          .selectFrom('agents')
          .select(['id', 'name', 'locale'])
          .where('email', '=', email.trim().toLowerCase())
          .where('disabled_at', 'is', null)
          .executeTakeFirst();
        return row;
      },
      async find(thread) {
        const row = await read
          .selectFrom('conversations')
          .select(['id', 'state'])
          .where('channel', '=', channel)
          .where('thread', '=', thread)
          .orderBy('started_at', 'desc')
          .orderBy('id', 'desc')
          .executeTakeFirst();
        return row && { conversation: row.id, open: row.state === 'open' };
      },
      async form(conversation, agent): Promise<ClosingForm | undefined> {
        const viewer = (await isOurs(conversation)) ? await viewerOf(read, agent) : undefined;
        return viewer && formOf(parts, conversation, viewer, await parts.sentences(viewer.locale));
      },
      search: (words) => searchTickets(parts.desks, words),
      async preview(choice) {
        const asked = await request(choice);
        const plan = asked && (await closings.preview(asked.planned));
        return plan && previewOf(parts, plan, asked.viewer.locale);
      },
      async commit(choice, { digest, key }) {
        const idempotencyKey = `channel:${channel}:${key}`;
        const asked = await request(choice, await made(idempotencyKey));
        if (!asked) return { is: 'not-found' };
        const result = await closings.commit({
          ...asked.planned,
          digest,
          actor: { kind: 'agent', id: asked.viewer.id },
          source: 'channel',
          idempotencyKey,
          holdMs: parts.holdSeconds * 1000,
        });
        if (result.is === 'committed') return { is: 'committed', closing: result.closing };
        if (result.is === 'key-reused') throw new ConnectorError('refused', 'This key was used for another decision.');
        if (result.is === 'not-found') return { is: 'not-found' };
        return { is: result.is, preview: await previewOf(parts, result.plan, asked.viewer.locale) };
      },
    };
  };
