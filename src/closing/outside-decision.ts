/** What was chosen in a channel's own form, as a decision. */
import { type ClosingChoice, type ClosingPart, ConnectorError } from '../kit/index.ts';
import type { Mapping } from '../mapping/evaluate.ts';
import { type Decision, type DecisionInput, decision } from './decision.ts';
import type { SnapshotParts } from './snapshot.ts';

type PartInput = NonNullable<DecisionInput['parts']>[number];

/** An addition resolves only where it was said so; else it takes a status that leaves the ticket open, if one was chosen. */
function statusOf({ target, status }: ClosingPart, { statuses }: Mapping): string | null {
  if (target.kind === 'new') return status;
  const resolved = statuses.find(({ meaning }) => meaning === 'resolved')?.key ?? null;
  if (target.resolve) return statuses.find(({ key, meaning }) => key === status && meaning === 'resolved')?.key ?? resolved;
  return statuses.find(({ key }) => key === status)?.meaning === 'resolved' ? null : status;
}

function partOf(part: ClosingPart, mapping: Mapping): PartInput {
  const { key, topic, title, summary, messages, target, date, impact, group, served, fields } = part;
  const status = statusOf(part, mapping);
  return {
    key,
    topic,
    title,
    summary,
    messages: [...messages],
    target:
      target.kind === 'new'
        ? { kind: 'new' }
        : { kind: 'append', ticket: { helpdesk: target.helpdesk, id: target.id }, status: status === null ? 'keep' : 'outcome' },
    outcome: status === null ? null : { status, date },
    impact,
    group,
    served,
    fields: { ...fields } as NonNullable<PartInput['fields']>,
  };
}

/**
 * `covers` is the last message that was seen: the newest one unless it is given. The digest holds it, so that nothing is filed unseen.
 * Throws ConnectorError `refused` with the field that is not understood.
 */
export async function decisionOf({ read, mappingFor }: SnapshotParts, choice: ClosingChoice, covers?: string): Promise<Decision> {
  const conversation = await read.selectFrom('conversations').select('channel').where('id', '=', choice.conversation).executeTakeFirst();
  const last = await read
    .selectFrom('messages')
    .select('id')
    .where('conversation_id', '=', choice.conversation)
    .orderBy('at', 'desc')
    .orderBy('vendor_order', 'desc')
    .orderBy('arrived_at', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  const mapping = mappingFor(conversation?.channel ?? '');
  const parsed = decision.safeParse({ covers: covers ?? last?.id ?? '', ends: choice.ends, parts: choice.parts.map((part) => partOf(part, mapping)) });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConnectorError('refused', `${issue?.path.join('.') || 'choice'}: ${issue?.message ?? 'is not understood'}`, { field: issue?.path.join('.') });
}
