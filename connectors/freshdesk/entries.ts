/** Private notes, replies and the summary. Freshdesk API v2, "Conversations", "Ticket Summary". */
import { z } from 'zod';
import { type BlobRef, ConnectorError, type InternalText, type PublicText, type Step, toHtml } from '../../src/kit/index.ts';
import type { InternalHtml, PublicHtml } from './client.ts';
import type { Desk } from './desk.ts';
import { holdsLine, lineOf } from './marker.ts';
import { type Files, takeFiles } from './multipart.ts';
import * as wire from './wire.ts';
import { naming } from './words.ts';

type EntryBody<Html> = { readonly text: Html; readonly files: Files };

/** What is written where: the ticket's id, and the operation whose mark it bears. */
interface Entry<Text> {
  readonly ticket: string;
  readonly operation: string;
  readonly text: Text;
  readonly files: readonly BlobRef[];
}

/** Conversations come 30 a page, oldest first, and cannot be filtered. */
export async function conversations(desk: Desk, ticket: string): Promise<wire.WireConversation[]> {
  const all: wire.WireConversation[] = [];
  for await (const page of desk.client.pages(`/tickets/${ticket}/conversations`, z.array(wire.conversation), {})) all.push(...page);
  return all;
}

export async function entryTraces(desk: Desk, ticket: string, operation: string): Promise<string[]> {
  return (await conversations(desk, ticket)).filter((entry) => holdsLine(entry, operation)).map(({ id }) => String(id));
}

async function findEntry(desk: Desk, ticket: string, operation: string): Promise<number | undefined> {
  return (await conversations(desk, ticket)).find((entry) => holdsLine(entry, operation))?.id;
}

/** One step; a second one without the files only after the first was refused for their size, which the first one's result records. */
async function write<Text extends PublicText | InternalText, Html extends PublicHtml | InternalHtml>(
  desk: Desk,
  step: Step,
  name: string,
  entry: Entry<Text>,
  how: { render(text: Text): Html; send(body: EntryBody<Html>): Promise<number | null> },
): Promise<void> {
  const { taken, left } = takeFiles(entry.files);
  const attempt = (stepName: string, files: Files, text: Text): Promise<number | null> =>
    step<EntryBody<Html>, number | null>(stepName, {
      body: () => ({ text: how.render(text), files }),
      send: how.send,
      find: () => findEntry(desk, entry.ticket, entry.operation),
      settleMs: desk.context.settings.settleSeconds * 1000,
    });
  if ((await attempt(name, taken, naming(entry.text, left))) !== null) return;
  if ((await attempt(`${name}-without-files`, [], naming(entry.text, entry.files))) === null)
    throw new ConnectorError('too-large', 'Freshdesk: refused for its size without any file');
}

export const writeNote = (desk: Desk, step: Step, name: string, entry: Entry<InternalText>): Promise<void> =>
  write<InternalText, InternalHtml>(desk, step, name, entry, {
    render: (text) => ({ kind: 'internal', html: toHtml(text, lineOf(entry.operation)) }),
    send: (body) => desk.client.createNote(entry.ticket, body.text, body.files),
  });

/** Freshdesk mails it to the requester, so the mark is a line that the requester sees: the only way to look before sending again. */
export const writeReply = (desk: Desk, step: Step, entry: Entry<PublicText>): Promise<void> =>
  write<PublicText, PublicHtml>(desk, step, 'reply', entry, {
    render: (text) => ({ kind: 'public', html: toHtml(text, lineOf(entry.operation)) }),
    send: (body) => desk.client.createReply(entry.ticket, body.text, body.files),
  });

/** The box under the description, which a repeat only overwrites; a private note where the account's plan has no such box. */
export async function writeSummary(desk: Desk, step: Step, ticket: string, operation: string, text: InternalText): Promise<void> {
  const boxed = await step<InternalHtml, boolean>('summary', {
    body: () => ({ kind: 'internal', html: toHtml(text) }),
    send: (body) => desk.client.putSummary(ticket, body),
    safeForMs: Number.POSITIVE_INFINITY,
  });
  if (!boxed) await writeNote(desk, step, 'summary-note', { ticket, operation, text, files: [] });
}

/** Null where there is none, or where the account's plan has none. */
export async function readSummary(desk: Desk, ticket: string): Promise<string | null> {
  try {
    return (await desk.client.get(`/tickets/${ticket}/summary`, wire.summary)).body ?? null;
  } catch (error) {
    if (error instanceof ConnectorError && (error.code === 'not-found' || error.code === 'forbidden')) return null;
    throw error;
  }
}
