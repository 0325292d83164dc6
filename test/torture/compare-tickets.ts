/** Tickets: each effect of each acknowledged closing is at its helpdesk once, there is nothing else, and requesters read nothing internal. */
import type { Database } from 'better-sqlite3';
import { canary } from './cases.ts';
import { counted, type Finding, times } from './findings.ts';
import type { HeldText, HeldTicket } from './held.ts';
import type { KeptClosing, KeptPart, Ledger } from './ledger.ts';

const across = (texts: readonly HeldText[], word: string): number => texts.reduce((sum, { html }) => sum + times(html, word), 0);

interface Effects {
  readonly findings: Finding[];
  /** Texts that the closings so far account for, by ticket. */
  readonly texts: Map<HeldTicket, number>;
  /** Status that was decided last, by ticket. */
  readonly statuses: Map<HeldTicket, string>;
}

export function compareTickets(ledger: Ledger, held: readonly HeldTicket[]): readonly Finding[] {
  const effects: Effects = { findings: [], texts: new Map(), statuses: new Map() };
  // Tickets first, so that an append finds the status that its ticket was opened with.
  const kinds = ['new', 'append'] as const;
  for (const kind of kinds) for (const closing of ledger.closings) if (closing.parts[0]?.kind === kind) compareClosing(closing, held, effects);
  return [...effects.findings, ...nothingElse(held, effects, ledger), ...leaks(held)];
}

const ticketsOf = (part: KeptPart, held: readonly HeldTicket[]): readonly HeldTicket[] =>
  held.filter(({ helpdesk, id, subject }) => helpdesk === part.helpdesk && (part.ticket ? id === part.ticket : subject.includes(part.title)));

function compareClosing(closing: KeptClosing, held: readonly HeldTicket[], effects: Effects): void {
  const { findings } = effects;
  const found = closing.parts.map((part) => ({ part, tickets: ticketsOf(part, held) }));
  for (const { part, tickets } of found) {
    const name = `closing ${closing.id} (case ${closing.case.n}), part ${part.key}, ${part.kind} at ${part.helpdesk}`;
    findings.push(...counted(tickets.length, 1, `${name}: tickets [${tickets.map(({ id }) => id)}]`));
    const [ticket] = tickets;
    if (!ticket) continue;
    findings.push(...compareTexts(name, closing, part, ticket, held));
    const siblings = found.filter((other) => other.part !== part).flatMap((other) => other.tickets.slice(0, 1));
    for (const sibling of siblings) findings.push(...counted(across(ticket.texts, sibling.link), 1, `${name}: links from ${ticket.id} to ${sibling.id}`));
    for (const one of tickets) effects.texts.set(one, (effects.texts.get(one) ?? 0) + textsOf(part, closing));
    if (part.status !== 'keep') effects.statuses.set(ticket, part.status);
  }
}

/**
 * A new ticket: description and summary, or one private first comment. An append: one note. A split adds a note to each ticket but the last where the
 * tickets opened later could not be named in the first comment.
 */
function textsOf(part: KeptPart, closing: KeptClosing): number {
  if (part.kind === 'append') return 1;
  const own = part.helpdesk === 'zendesk-br' ? 1 : 2;
  const linked = part.helpdesk !== 'freshdesk-br' && part !== closing.parts.at(-1);
  return own + (linked ? 1 : 0);
}

/** Summary and internal notes stand once, where only agents read; each message once on the ticket of each part that holds it. */
function compareTexts(name: string, { case: one, parts }: KeptClosing, part: KeptPart, ticket: HeldTicket, held: readonly HeldTicket[]): readonly Finding[] {
  const everywhere = held.flatMap(({ texts }) => texts);
  const words = [...part.messages.map((at) => one.messages[at] ?? ''), ...(one.reply ? [one.reply] : []), ...(one.note ? [one.note] : [])];
  return [
    ...counted(across(ticket.texts, part.summary), 1, `${name}: its summary on ticket ${ticket.id}`),
    ...counted(across(everywhere, part.summary), 1, `${name}: its summary at all helpdesks`),
    ...words.flatMap((word) => counted(across(ticket.texts, word), 1, `${name}: ${word} on ticket ${ticket.id}`)),
    ...words.flatMap((word) => {
      const filings = parts.filter(({ messages }) => word === one.reply || word === one.note || messages.some((at) => one.messages[at] === word)).length;
      return counted(across(everywhere, word), filings, `${name}: ${word} at all helpdesks`);
    }),
  ];
}

function nothingElse(held: readonly HeldTicket[], { texts, statuses }: Effects, ledger: Ledger): readonly Finding[] {
  const decided = new Set(ledger.closings.flatMap(({ parts }) => parts.filter(({ kind }) => kind === 'new').map(({ title }) => title)));
  return held.flatMap((ticket): readonly Finding[] => {
    const name = `ticket ${ticket.id} at ${ticket.helpdesk} ("${ticket.subject}")`;
    if (![...decided].some((title) => ticket.subject.includes(title))) return [{ kind: 'doubled', what: `${name} was decided by nobody` }];
    const status = statuses.get(ticket) ?? '';
    const wrong: Finding[] =
      status === ticket.status || !statuses.has(ticket) ? [] : [{ kind: 'lost', what: `${name}: status ${status}, it is ${ticket.status}` }];
    const places = ticket.texts.map(({ place }) => place).join(', ');
    return [...wrong, ...counted(ticket.texts.length, texts.get(ticket) ?? 0, `${name}: texts (${places})`)];
  });
}

/** Also that the word is there where agents read it: else its absence would prove nothing. */
function leaks(held: readonly HeldTicket[]): readonly Finding[] {
  const open = held.flatMap((ticket) => ticket.texts.filter((text) => text.public && text.html.includes(canary)).map(({ place }) => ({ ticket, place })));
  return open.map(({ ticket, place }) => ({
    kind: 'leaked',
    what: `the requester of ticket ${ticket.id} at ${ticket.helpdesk} reads internal text in ${place}`,
  }));
}

/** Deliveries that stopped. Only a sent mail may: nobody can look whether it arrived, so a person is asked. */
export function compareDeliveries(db: Database, ledger: Ledger): { readonly findings: readonly Finding[]; readonly asked: number } {
  const rows = db
    .prepare<[], { id: string; target: string; kind: string; state: string; error: string | null }>(
      `SELECT id, target, kind, state, error FROM deliveries WHERE state <> 'done'`,
    )
    .all();
  const explained = rows.filter(
    ({ target, kind, state, error }) => target === 'mail' && kind === 'send' && state === 'parked' && /"unclear":true/.test(error ?? ''),
  );
  const closings = db.prepare<[], { id: string }>('SELECT id FROM closings').all();
  const known = new Set(ledger.closings.map(({ id }) => id));
  const stored = new Set(closings.map(({ id }) => id));
  return {
    asked: explained.length,
    findings: [
      ...rows
        .filter((row) => !explained.includes(row))
        .map(({ id, target, kind, state, error }): Finding => ({ kind: 'lost', what: `delivery ${id} (${kind} at ${target}) is ${state}: ${error}` })),
      ...[...known].filter((id) => !stored.has(id)).map((id): Finding => ({ kind: 'lost', what: `closing ${id} was acknowledged and is not stored` })),
      ...[...stored].filter((id) => !known.has(id)).map((id): Finding => ({ kind: 'doubled', what: `closing ${id} was acknowledged to nobody` })),
    ],
  };
}
