/** What a channel's own closing form opens with, in the agent's words. */
import type { Kysely } from 'kysely';
import type { ClosingForm, ClosingPart } from '../kit/index.ts';
import type { Database } from '../store/schema.ts';
import type { Desk } from '../tickets/desks.ts';
import { isSubstance } from './accounting.ts';
import type { FactMessage } from './facts.ts';
import type { OutsideParts, Sentences } from './outside.ts';
import { type ClosingProposal, proposeClosing } from './proposal.ts';
import { candidateTickets, snapshot, type Viewer } from './snapshot.ts';
import { candidateOf } from './ticket-search.ts';
import { writtenFrom } from './written-from.ts';

type Helpdesk = ClosingForm['helpdesks'][number];

async function helpdeskOf(desk: Desk): Promise<Helpdesk> {
  const { schema } = await desk.schema();
  return {
    name: desk.name,
    title: desk.title,
    groups: (schema?.groups ?? []).map(({ value, label }) => ({ value, label })),
    fields: (schema?.fields ?? []).map(({ name, label, type, required, choices }) => ({
      name,
      label,
      type,
      required,
      choices: choices ? choices.map((choice) => ({ value: choice.value, label: choice.label })) : null,
    })),
  };
}

/** Proposed like in the console: one ticket may be chosen beforehand, an outcome and an impact never. */
function partsOf(proposed: ClosingProposal): readonly ClosingPart[] {
  const chosen = proposed.way === 'append' ? proposed.candidates.find(({ preselect }) => preselect)?.ticket.ref : undefined;
  return proposed.parts.map(({ key, topic, title, messages, summary }) => ({
    key,
    topic,
    title,
    summary,
    messages: [...messages],
    target: chosen ? { kind: 'append', helpdesk: chosen.helpdesk, id: chosen.id, resolve: false } : { kind: 'new' },
    status: null,
    date: null,
    impact: null,
    group: null,
    served: null,
    fields: {},
  }));
}

async function messagesOf(read: Kysely<Database>, messages: readonly FactMessage[]): Promise<ClosingForm['messages']> {
  if (messages.length === 0) return [];
  const ids = messages.map(({ id }) => id);
  const rows = await read.selectFrom('messages').select(['id', 'external_id']).where('id', 'in', ids).execute();
  const external = new Map(rows.map(({ id, external_id }) => [id, external_id]));
  return messages.map(({ id, author, text }) => ({ id, externalId: external.get(id) ?? null, author, text }));
}

export async function formOf(parts: OutsideParts, conversation: string, viewer: Viewer, sentences: Sentences): Promise<ClosingForm | undefined> {
  const facts = await snapshot(parts, conversation, viewer);
  if (!facts) return undefined;
  const { mapping } = facts;
  const proposed = proposeClosing(facts, await candidateTickets(parts, facts, await writtenFrom(parts.read, conversation)));
  const open = facts.messages.filter((message) => isSubstance(message, facts));
  return {
    conversation,
    messages: await messagesOf(parts.read, open),
    parts: partsOf(proposed),
    titles: [...new Set(proposed.titles.map(({ title }) => title))],
    statuses: mapping.statuses.map(({ key, label, date }) => ({ key, label, date: date && { label: date.label, mayBeUnknown: date.mayBeUnknown } })),
    impacts: mapping.impacts.map(({ id, label }) => ({ id, label })),
    helpdesks: await Promise.all([...parts.desks.values()].map(helpdeskOf)),
    candidates: proposed.candidates.map(({ ticket, reasons }) =>
      candidateOf(
        ticket,
        facts.desks[ticket.ref.helpdesk]?.schema ?? parts.desks.get(ticket.ref.helpdesk)?.known() ?? null,
        reasons.map(({ key, values }) => sentences.reason({ key, values: { ...values } })).join(', '),
      ),
    ),
    companies: facts.contact.companies.map(({ id, name }) => ({ id, name })),
    link: `${parts.publicUrl}/conversations/${conversation}?end=true`,
  };
}
