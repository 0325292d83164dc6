/** Extraction, 6.2: a report is asked for, made in its own time, and fetched from private links. The columns are an assumption, which a setting of ours holds. */
import { Router } from 'express';
import type { Account } from './api.ts';
import { readJson } from './body.ts';
import { gone, invalid, unknown } from './refusal.ts';
import { type Links, time } from './show.ts';
import type { State } from './state.ts';

interface Report {
  readonly id: string;
  readonly event: string;
  readonly start: number;
  readonly end: number;
  reads: number;
}

const cell = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

function rowsOf(state: State, { event, start, end }: Report): readonly (readonly string[])[] {
  const all = state.conversations.flatMap((conversation) =>
    conversation.messages.filter(({ at }) => at >= start && at <= end).map((message) => ({ conversation, message })),
  );
  if (event === 'Conversation-Resolved')
    return [
      ['Conversation ID', 'Interaction ID', 'Resolved At'],
      ...all.filter(({ message }) => message.meta?.isResolved).map(({ conversation, message }) => [conversation.id, message.interaction, time(message.at)]),
    ];
  if (event === 'Message-Sent')
    return [
      ['Conversation ID', 'Message ID', 'Text', 'Sent At'],
      ...all
        .filter(({ message }) => message.type !== 'system')
        .map(({ conversation, message }) => [conversation.id, message.id, JSON.stringify(message.parts), time(message.at)]),
    ];
  throw unknown(`the report ${event}`);
}

/** Texts that private links lead to, by name. */
export const reportTexts = new WeakMap<State, Map<string, string>>();

export function reports(state: State, account: Account, links: Links): Router {
  const asked: Report[] = [];
  const texts = new Map<string, string>();
  reportTexts.set(state, texts);
  const router = Router();
  router.post('/reports/raw', (request, response) => {
    const body = readJson(request, ['start', 'end', 'event', 'format', 'should_exclude_pii']);
    const [start, end] = [Date.parse(String(body.start)), Date.parse(String(body.end))];
    if (Number.isNaN(start) || Number.isNaN(end) || start >= end) throw invalid('start and end must be ISO times in this order');
    if (body.format !== 'csv') throw unknown(`the format ${String(body.format)}`);
    const report: Report = { id: `report-${asked.length + 1}`, event: String(body.event), start, end, reads: 0 };
    // Refuses what it cannot make.
    rowsOf(state, report);
    asked.push(report);
    response.status(202).json({ id: report.id, link: { href: `/v2/reports/raw/${report.id}`, rel: 'self' } });
  });
  router.get('/reports/raw/:id', (request, response) => {
    const report = asked.find(({ id }) => id === request.params.id);
    if (!report) throw gone('report');
    report.reads += 1;
    if (account.failingReports) return void response.json({ id: report.id, status: 'FAILED', links: [] });
    if (report.reads === 1) return void response.json({ id: report.id, status: 'PENDING', interval: 'DAY', links: [] });
    texts.set(
      `${report.id}.csv`,
      rowsOf(state, report)
        .map((row) => row.map(cell).join(','))
        .join('\r\n'),
    );
    const href = links.ofText(`${report.id}.csv`);
    response.json({
      id: report.id,
      status: 'COMPLETED',
      interval: 'DAY',
      links: [{ from: time(report.start), to: time(report.end), status: 'COMPLETED', link: { href, rel: 'self' } }],
    });
  });
  return router;
}
