/** "What will happen", line by line: keys of the console's texts with their values, so that each agent reads it in their language. Pure. */
import { filesOf } from './content.ts';
import type { Decision } from './decision.ts';
import type { FactDesk, Facts } from './facts.ts';
import { type PreparedPart, setsStatus } from './part.ts';
import type { PlanLine } from './plan.ts';

type Values = PlanLine['values'];

function ticketLines(prepared: PreparedPart): readonly { key: string; values: Values }[] {
  const { desk, part, ticket, values, status, evaluated } = prepared;
  const priority = desk.schema?.priorities.find(({ value }) => value === values.priority)?.label ?? '';
  const outcome = { status: status?.label ?? prepared.outcome?.label ?? '', due: setsStatus(part) ? (evaluated.due?.ymd ?? '') : '' };
  if (!ticket) return [{ key: 'open', values: { helpdesk: desk.title, subject: prepared.subject, priority, ...outcome } }];
  const { number } = ticket.ref;
  if (ticket.closed) return [{ key: 'follow-up', values: { helpdesk: desk.title, number, subject: prepared.subject, ...outcome } }];
  const change = setsStatus(part)
    ? { key: 'set-status', values: { number, ...outcome } }
    : { key: 'keep-status', values: { number, status: ticket.status?.label ?? '' } };
  const subject = desk.tickets[ticket.ref.id]?.subject ?? '';
  return [
    { key: 'append', values: { number, subject, helpdesk: desk.title } },
    change,
    ...(desk.capabilities.closedIsFinal ? [{ key: 'follow-up-if-closed', values: { number } }] : []),
  ];
}

function partLines(prepared: PreparedPart): readonly PlanLine[] {
  const { part, desk, messages, evaluated, values } = prepared;
  const lines: { key: string; values: Values }[] = [...ticketLines(prepared)];
  if (!prepared.ticket && prepared.requesterIsNew) lines.push({ key: 'new-requester', values: { name: prepared.requester.name } });
  if (part.summary.trim()) lines.push({ key: 'summary', values: {} });
  lines.push({ key: 'transcript', values: { count: messages.length } });
  const files = filesOf(messages, desk.capabilities);
  const count = files.shown.length + files.internal.length;
  if (count || files.waiting) lines.push({ key: 'files', values: { count, waiting: files.waiting } });
  if (files.left.size) lines.push({ key: 'files-left-out', values: { count: files.left.size } });
  if (setsStatus(part) && evaluated.due && !values.due) lines.push({ key: 'due-own', values: { date: evaluated.due.ymd } });
  for (const who of setsStatus(part) ? evaluated.notify : []) lines.push({ key: 'notify', values: { who } });
  return lines.map((line) => ({ part: part.key, ...line }));
}

function mailsLine({ mails, title }: FactDesk): PlanLine {
  if (mails === null) return { part: '', key: 'mails-unknown', values: { helpdesk: title } };
  if (mails === 'none') return { part: '', key: 'mails-none', values: { helpdesk: title } };
  return { part: '', key: 'mails', values: { helpdesk: title, mails } };
}

/** What we mail is nothing; what the helpdesk mails by itself is what ops confirmed, or unknown. */
function deskLines(prepared: readonly PreparedPart[]): readonly PlanLine[] {
  const desks = new Map(prepared.map(({ desk }) => [desk.name, desk]));
  return [...desks.values()].flatMap((desk) => [
    mailsLine(desk),
    ...(desk.reachable ? [] : [{ part: '', key: 'helpdesk-down', values: { helpdesk: desk.title } }]),
  ]);
}

export function linesOf(decision: Decision, prepared: readonly PreparedPart[], facts: Facts): readonly PlanLine[] {
  const links = prepared.length > 1 ? [{ part: '', key: 'link', values: { count: prepared.length } }] : [];
  const none = decision.none ? [{ part: '', key: 'none', values: { reason: decision.none.reason } }] : [];
  const end = decision.ends ? (facts.conversation.open ? [{ part: '', key: 'ends', values: {} }] : []) : [{ part: '', key: 'stays-open', values: {} }];
  return [...prepared.flatMap(partLines), ...links, ...none, ...deskLines(prepared), ...end];
}
