/** A new ticket, with its requester, in one call. Freshdesk API v2, "Create a Ticket". */
import { z } from 'zod';
import {
  ConnectorError,
  type Json,
  type OpenOperation,
  type OperationResult,
  type PublicText,
  type RequesterSpec,
  type Step,
  toHtml,
} from '../../src/kit/index.ts';
import type { Attributes, PublicHtml } from './client.ts';
import type { Desk } from './desk.ts';
import { carries, tagOf } from './marker.ts';
import { type Files, takeFiles } from './multipart.ts';
import { attributesOf, iso } from './values.ts';
import * as wire from './wire.ts';
import { naming } from './words.ts';

/** Freshdesk's clock and ours may differ. */
const clockMargin = 5 * 60_000;

type OpenBody = { readonly startedAt: number; readonly description: PublicHtml; readonly attributes: Attributes; readonly files: Files };

/**
 * A requester that the look-ups did not find is created by the ticket itself, under our contact's id and with the addresses that are known.
 * Nothing is invented: Freshdesk takes a person without any address.
 */
function requesterAttributes({ known, contact, name, identities, company }: RequesterSpec, multipleCompanies: boolean): Attributes {
  const served: Attributes = multipleCompanies && company?.known ? { company_id: Number(company.known) } : {};
  if (known) return { requester_id: Number(known), ...served };
  const best = (kind: string): string | undefined =>
    [...identities].filter((one) => one.kind === kind).sort((a, b) => Number(b.verified) - Number(a.verified))[0]?.value;
  const email = best('email');
  const phone = best('phone');
  return { ...(email ? { email } : {}), ...(phone ? { phone } : {}), name: name || email || phone || contact, unique_external_id: contact, ...served };
}

async function ticketAttributes(desk: Desk, operation: OpenOperation): Promise<Attributes> {
  const { markerField, source, multipleCompanies } = desk.context.settings;
  const values = await attributesOf(desk, operation.values);
  const tags = [...(operation.values.tags ?? []), ...(markerField ? [] : [tagOf(operation.id)])].map((tag) => tag.slice(0, 32));
  const custom = { ...(values.custom_fields as Attributes | undefined), ...(markerField ? { [markerField]: operation.id } : {}) };
  return {
    ...requesterAttributes(operation.requester, multipleCompanies),
    status: 2,
    priority: 1,
    source,
    ...values,
    subject: operation.subject,
    ...(tags.length ? { tags } : {}),
    ...(Object.keys(custom).length ? { custom_fields: custom as Json } : {}),
  };
}

export async function open(desk: Desk, operation: OpenOperation, step: Step): Promise<OperationResult> {
  const { taken, left } = takeFiles(operation.files);
  const create = (name: string, files: Files, description: PublicText): Promise<number | null> =>
    step<OpenBody, number | null>(name, {
      body: async () => ({
        startedAt: desk.context.now(),
        description: { kind: 'public', html: toHtml(description) },
        attributes: await ticketAttributes(desk, operation),
        files,
      }),
      send: (body) => desk.client.createTicket(body.description, body.attributes, body.files),
      find: ({ startedAt }) => findOpened(desk, operation, startedAt),
      settleMs: desk.context.settings.settleSeconds * 1000,
    });
  const id =
    (await create('ticket', taken, naming(operation.description, left))) ??
    (await create('ticket-without-files', [], naming(operation.description, operation.files)));
  if (id === null) throw new ConnectorError('too-large', 'Freshdesk: refused for its size without any file');
  return { ticket: desk.ref(id) };
}

/**
 * Looks among the requester's tickets, then, where the ticket itself had to create the requester, among all: Freshdesk may have
 * filed it under a person whom it knew by phone. Search is not asked: its index is minutes late.
 */
async function findOpened(desk: Desk, operation: OpenOperation, startedAt: number): Promise<number | undefined> {
  const { known, contact } = operation.requester;
  const since = startedAt - clockMargin;
  if (known) return (await marked(desk, operation.id, { requester_id: known }, since))[0];
  const own = await marked(desk, operation.id, { unique_external_id: contact }, since).catch((error: unknown) => {
    // A person whom Freshdesk does not know is refused as a filter.
    if (error instanceof ConnectorError && error.status === 400) return [];
    throw error;
  });
  return own[0] ?? (await marked(desk, operation.id, {}, since))[0];
}

/** Ids of the tickets that carry the operation's mark, among those created since. Without `updated_since` Freshdesk lists 30 days alone. */
async function marked(desk: Desk, operation: string, query: Readonly<Record<string, string>>, since: number): Promise<number[]> {
  const ids: number[] = [];
  const newest = { ...query, updated_since: iso(since), order_by: 'created_at', order_type: 'desc', per_page: 100 };
  for await (const page of desk.client.pages('/tickets', z.array(wire.ticket), newest)) {
    ids.push(...page.filter((row) => carries(row, operation, desk.context.settings.markerField)).map(({ id }) => id));
    if (page.some((row) => row.created_at < since)) break;
  }
  return ids;
}

/** Every ticket of the same requester that carries the mark. Four days are more than a delivery tries. */
export async function openTraces(desk: Desk, operation: OpenOperation, result: OperationResult): Promise<string[]> {
  const opened = await desk.client.get(`/tickets/${result.ticket.id}`, wire.ticket);
  if (!opened.requester_id) return [result.ticket.id];
  const ids = await marked(desk, operation.id, { requester_id: String(opened.requester_id) }, opened.created_at - 4 * 86_400_000);
  return ids.map(String);
}
