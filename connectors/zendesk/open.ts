/** Opens a ticket in one call ("Create Ticket"): the first comment is private, the requester rides along, the key makes it happen once. */
import { z } from 'zod';
import type { InternalText, OpenOperation, RequesterSpec, Step, TicketRef } from '../../src/kit/index.ts';
import type { JsonObject } from './client.ts';
import { fitComment } from './comment.ts';
import { type Desk, hasStatus, refOf } from './desk.ts';
import { oneTicket, ticketShape, userShape } from './shapes.ts';
import { inPlainWords } from './suspended.ts';
import { uploadAll } from './uploads.ts';
import { ticketValues } from './values.ts';

type Opening = Omit<OpenOperation, 'kind'>;
type OpenBody = { readonly key: string; readonly ticket: JsonObject };
type Opened = { readonly id: number };

/** Keys live two hours at the vendor; the margin covers clocks and the way there. */
const keyLifeMs = 115 * 60_000;

const identity = (requester: RequesterSpec, kind: 'email' | 'phone'): string | undefined => {
  const all = requester.identities.filter((each) => each.kind === kind);
  return (all.find(({ verified }) => verified) ?? all[0])?.value;
};

/** A person whom the create itself cannot make: `create_or_update` matches by our contact's id, so it may go again. */
async function createRequester(desk: Desk, step: Step, prefix: string, requester: RequesterSpec): Promise<number> {
  const phone = identity(requester, 'phone');
  const company = requester.company?.known;
  const { id } = await step<JsonObject, { id: number }>(`${prefix}/requester`, {
    body: () => ({
      name: requester.name,
      external_id: requester.contact,
      skip_verify_email: true,
      ...(phone === undefined ? {} : { phone }),
      ...(company === undefined ? {} : { organization_id: Number(company) }),
    }),
    async send(user) {
      const answer = await desk.client.call({ method: 'POST', path: '/users/create_or_update', body: { user } }, z.looseObject({ user: userShape }));
      return { id: answer.user.id };
    },
    safeForMs: Number.POSITIVE_INFINITY,
  });
  return id;
}

async function requesterOf(desk: Desk, step: Step, prefix: string, requester: RequesterSpec): Promise<JsonObject> {
  const company = requester.company?.known;
  const organization: JsonObject = company === undefined ? {} : { organization_id: Number(company) };
  if (requester.known !== undefined) return { requester_id: Number(requester.known), ...organization };
  const email = identity(requester, 'email');
  if (email !== undefined) return { requester: { name: requester.name, email, ...organization } };
  return { requester_id: await createRequester(desk, step, prefix, requester) };
}

async function newTicket(desk: Desk, opening: Opening, step: Step, name: string): Promise<JsonObject> {
  const { settings } = desk.context;
  const text: InternalText = { kind: 'internal', blocks: [...opening.note.blocks, ...opening.description.blocks] };
  const { html, overflow } = fitComment(text);
  const requester = await requesterOf(desk, step, name, opening.requester);
  const uploads = await uploadAll(desk, step, name, opening.files, overflow);
  return {
    subject: opening.subject,
    // No submitter is named: the customer must not stand as the author of an internal comment.
    comment: { html_body: html, public: false, ...(uploads.length ? { uploads } : {}) },
    ...requester,
    external_id: opening.id,
    ...(await ticketValues(desk.facts, opening.values)),
    ...(opening.followUpOf === undefined ? {} : { via_followup_source_id: Number(opening.followUpOf.id) }),
    ...(settings.brandId === undefined ? {} : { brand_id: settings.brandId }),
    ...(settings.ticketFormId === undefined ? {} : { ticket_form_id: settings.ticketFormId }),
    metadata: { deskbridge: opening.id },
  };
}

/** All tickets that carry an operation's id. The list is read from the database, unlike search, which lags behind. */
export async function findByExternalId(desk: Desk, id: string): Promise<readonly Opened[]> {
  const shape = z.looseObject({ tickets: z.array(ticketShape) });
  const { tickets } = await desk.client.call({ method: 'GET', path: '/tickets', query: { external_id: id } }, shape);
  return tickets.map((ticket) => ({ id: ticket.id }));
}

async function create(desk: Desk, body: OpenBody, operation: string): Promise<Opened> {
  try {
    const call = { method: 'POST', path: '/tickets', body: { ticket: body.ticket }, headers: { 'Idempotency-Key': body.key } } as const;
    const { ticket } = await desk.client.call(call, oneTicket);
    if (!desk.client.keysHonoured())
      desk.context.log.warn({ ticket: ticket.id }, 'Zendesk did not say whether it honours Idempotency-Key: unclear creates are looked up instead');
    await desk.markers.learn(ticket.id, operation);
    return { id: ticket.id };
  } catch (error) {
    // A 409 may come although the ticket exists; a key that "does not match" was used, so its ticket may exist too.
    const used = hasStatus(error, 400) && error.message.includes('IdempotentRequestError');
    if (!hasStatus(error, 409) && !used) throw await inPlainWords(desk, error, body.ticket);
    const [found] = await findByExternalId(desk, operation);
    if (found) return found;
    throw error;
  }
}

export async function openTicket(desk: Desk, opening: Opening, step: Step, name: 'open' | 'follow-up'): Promise<TicketRef> {
  const { id } = await step<OpenBody, Opened>(name, {
    body: async () => ({ key: `${opening.id}.${opening.revision}`, ticket: await newTicket(desk, opening, step, name) }),
    send: (body) => create(desk, body, opening.id),
    safeForMs: desk.client.keysHonoured() ? keyLifeMs : 0,
    find: async () => (await findByExternalId(desk, opening.id))[0],
    settleMs: desk.context.settings.settleSeconds * 1000,
  });
  return refOf(desk, id);
}
