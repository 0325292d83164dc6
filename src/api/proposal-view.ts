/** The proposal with everything that the dialog's fields need: choices of mapping and helpdesks, candidates, people. */
import type { Candidate } from '../closing/candidates.ts';
import type { Facts } from '../closing/facts.ts';
import { proposeClosing } from '../closing/proposal.ts';
import { candidateTickets, type SnapshotParts, snapshot, type Viewer } from '../closing/snapshot.ts';
import { writtenFrom } from '../closing/written-from.ts';
import type { Desk } from '../tickets/desks.ts';
import type { Proposal } from './contract.ts';
import { ticketView } from './tickets.ts';

export type ProposalParts = SnapshotParts;

async function deskView(desk: Desk): Promise<Proposal['helpdesks'][number]> {
  const { schema, reachable } = await desk.schema();
  return {
    name: desk.name,
    title: desk.title,
    reachable,
    groups: (schema?.groups ?? []).map(({ value, label }) => ({ value, label })),
    agents: (schema?.agents ?? []).map(({ id, name }) => ({ id, name })),
    fields: (schema?.fields ?? []).map(({ name, label, type, required, when, choices }) => ({
      name,
      label,
      type,
      required,
      when: when ? { field: when.field, values: [...when.values] } : null,
      choices: choices ? choices.map((choice) => ({ ...choice })) : null,
    })),
  };
}

const candidateView = ({ ticket, reasons, preselect, closed }: Candidate, facts: Facts): Proposal['candidates'][number] => ({
  ...ticketView(ticket, facts.desks[ticket.ref.helpdesk]?.schema ?? null),
  ...(ticket.statusOf ? { status: { id: ticket.status, label: ticket.statusOf.label, meaning: ticket.statusOf.meaning } } : {}),
  reasons: reasons.map(({ key, values }) => ({ key, values: { ...values } })),
  preselect,
  closed,
});

/** Nobody has decided how it ended; a mapping may propose that what fell silent goes on the next day. */
async function proposedOutcome({ read }: ProposalParts, { conversation, mapping }: Facts): Promise<string | null> {
  const row = await read.selectFrom('conversations').select('unfiled_policy').where('id', '=', conversation.id).executeTakeFirst();
  if (conversation.open || row?.unfiled_policy !== 'propose-pending') return null;
  return mapping.statuses.find(({ meaning }) => meaning === 'pending')?.key ?? null;
}

/** Others of the same company who may have asked: a reception's phone is shared by several people. */
async function colleagues(parts: ProposalParts, facts: Facts): Promise<Proposal['requesters']> {
  const ids = facts.contact.companies.map(({ id }) => id);
  const rows = ids.length
    ? await parts.read
        .selectFrom('contacts')
        .innerJoin('contact_companies', 'contact_companies.contact_id', 'contacts.id')
        .select(['contacts.id', 'contacts.name'])
        .where('contact_companies.company_id', 'in', ids)
        .where('contacts.id', '!=', facts.contact.id)
        .where('contacts.erased_at', 'is', null)
        .distinct()
        .orderBy('contacts.name')
        .limit(30)
        .execute()
    : [];
  return [{ id: facts.contact.id, name: facts.contact.name, suggested: true }, ...rows.map((row) => ({ ...row, suggested: false }))];
}

export async function proposalView(parts: ProposalParts, conversation: string, viewer: Viewer): Promise<Proposal | undefined> {
  const facts = await snapshot(parts, conversation, viewer);
  if (!facts) return undefined;
  const tickets = await candidateTickets(parts, facts, await writtenFrom(parts.read, conversation));
  const proposed = proposeClosing(facts, tickets);
  const { mapping } = facts;
  return {
    covers: proposed.covers,
    way: proposed.way,
    language: mapping.language,
    parts: proposed.parts.map((part) => ({ ...part, messages: [...part.messages] })),
    courtesies: [...proposed.courtesies],
    outcome: await proposedOutcome(parts, facts),
    mapping: {
      file: mapping.file,
      helpdesk: mapping.helpdesk,
      titles: proposed.titles.map((title) => ({ ...title })),
      statuses: mapping.statuses.map(({ key, label, meaning, date }) => ({
        key,
        label,
        meaning,
        date: date && { label: date.label, withinDays: date.withinDays, mayBeUnknown: date.mayBeUnknown },
      })),
      impacts: mapping.impacts.map((impact) => ({ ...impact })),
      summary: { required: mapping.summary.required, min: mapping.summary.min },
    },
    helpdesks: await Promise.all([...parts.desks.values()].map(deskView)),
    candidates: proposed.candidates.map((candidate) => candidateView(candidate, facts)),
    requesters: await colleagues(parts, facts),
    companies: facts.contact.companies.map(({ id, name, brand }) => ({ id, name, brand })),
  };
}
