/** A receiver as anybody's would be, and strict: it verifies every signature with the public library, takes a `webhook-id` once, and refuses what is not in the schema. */
import { isDeepStrictEqual } from 'node:util';
import express, { type Express, type Response } from 'express';
import { Webhook } from 'standardwebhooks';
import { createDials, type Dials, faultable } from '../../src/kit/simulator.ts';
import { type Payload, payload } from './payload.ts';

interface ReceiverOptions {
  readonly now: () => number;
  /** The one that this receiver knows. */
  readonly secret: string;
  /** Answers 204 without a word, so that nobody learns its ids of tickets. */
  readonly silent?: boolean;
}

interface ReceivedTicket {
  readonly id: string;
  readonly open: Payload & { type: 'ticket.open' };
  summary: string;
  status: string | undefined;
  tags: string[];
}

interface ReceivedEntry {
  readonly ticket: string;
  readonly kind: 'reply' | 'note';
  readonly text: string;
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
}

export interface Receiver {
  readonly app: Express;
  readonly dials: Dials;
  readonly tickets: readonly ReceivedTicket[];
  readonly entries: readonly ReceivedEntry[];
  /** Every `webhook-id` that took effect, in order. */
  readonly taken: readonly string[];
  /** Each ticket and entry that holds the text, named once. */
  places(text: string): string[];
  requesterSees(): string;
}

type Files = readonly { readonly name: string; readonly content: string }[];
const bytesOf = (files: Files) => files.map(({ name, content }) => ({ name, bytes: Buffer.from(content, 'base64') }));

export function receiver({ now, secret, silent = false }: ReceiverOptions): Receiver {
  const dials = createDials();
  const tickets: ReceivedTicket[] = [];
  const entries: ReceivedEntry[] = [];
  const answers = new Map<string, object>();
  const webhook = new Webhook(secret);

  const signedByUs = (headers: Readonly<Record<string, string | undefined>>, body: string): boolean => {
    const at = new Date(Number(headers['webhook-timestamp']) * 1000);
    if (!(Math.abs(at.getTime() - now()) <= 300_000)) return false;
    return (headers['webhook-signature'] ?? '').split(' ').includes(webhook.sign(headers['webhook-id'] ?? '', at, body));
  };

  const known = ({ id, operation }: { id: string; operation: string }): ReceivedTicket | undefined =>
    tickets.find((ticket) => ticket.open.operation === operation && (ticket.id === id || id === operation));

  function changeOne(ticket: ReceivedTicket, change: Exclude<Payload, { type: 'ticket.open' | 'ticket.link' }>): void {
    const add = (kind: 'reply' | 'note', text: string, files: Files) => entries.push({ ticket: ticket.id, kind, text, files: bytesOf(files) });
    if (change.type === 'ticket.append' || change.type === 'ticket.note') add('note', change.internal.html, change.files);
    if (change.type === 'ticket.reply') add('reply', change.public.html, change.files);
    if (change.type === 'ticket.summarize') ticket.summary = change.internal.html;
    if (!('values' in change)) return;
    ticket.status = change.values.status ?? ticket.status;
    ticket.tags.push(...(change.values.tags ?? []));
  }

  /** Undefined: one of its tickets is not here. */
  function take(sent: Payload): object | undefined {
    if (sent.type === 'ticket.open') {
      const id = `T-${tickets.length + 1}`;
      tickets.push({ id, open: sent, summary: sent.internal.html, status: sent.values.status, tags: [...(sent.values.tags ?? [])] });
      return { id, number: tickets.length, url: `https://receiver.example/tickets/${id}` };
    }
    if (sent.type === 'ticket.link') {
      const found = sent.tickets.map(({ ticket, internal }) => ({ ticket: known(ticket), text: internal.html }));
      if (found.some(({ ticket }) => !ticket)) return undefined;
      for (const { ticket, text } of found) if (ticket) entries.push({ ticket: ticket.id, kind: 'note', text, files: [] });
      return {};
    }
    const ticket = known(sent.ticket);
    if (ticket) changeOne(ticket, sent);
    return ticket && {};
  }

  const answer = (response: Response, body: object): void => void (silent ? response.status(204).end() : response.json(body));

  const app = express();
  app.use(faultable(dials, { tooMany: { error: 'slow down' }, broken: { error: 'broken' } }));
  app.post('/operations', (request, response) => {
    const body = (request.body as Buffer).toString('utf8');
    const headers = request.headers as Record<string, string | undefined>;
    if (!signedByUs(headers, body)) return void response.status(401).json({ error: 'the signature is wrong' });
    const id = headers['webhook-id'] ?? '';
    const before = answers.get(id);
    if (before) return answer(response, before);
    const given: unknown = JSON.parse(body);
    const parsed = payload.safeParse(given);
    if (!parsed.success || !isDeepStrictEqual(parsed.data, given)) return void response.status(422).json({ error: 'this is not in the schema' });
    if (id !== `${parsed.data.operation}.${parsed.data.revision}`) return void response.status(422).json({ error: 'the webhook-id is another operation’s' });
    const made = take(parsed.data);
    if (!made) return void response.status(404).json({ error: 'no such ticket' });
    answers.set(id, made);
    answer(response, made);
  });
  app.use((request, response) => void response.status(501).json({ error: `this receiver has no ${request.method} ${request.path}` }));

  return {
    app,
    dials,
    tickets,
    entries,
    get taken() {
      return [...answers.keys()];
    },
    places: (text) => [
      ...tickets.filter((ticket) => JSON.stringify(ticket).includes(text)).map(({ id }) => `ticket ${id}`),
      ...entries.flatMap((entry, index) => (entry.text.includes(text) ? [`entry ${index} of ${entry.ticket}`] : [])),
    ],
    // Exactly the fields that the schema calls readable by the customer.
    requesterSees: () =>
      [
        ...tickets.flatMap(({ open }) => [open.subject, open.public.html, open.public.text]),
        ...entries.filter(({ kind }) => kind === 'reply').map(({ text }) => text),
      ].join('\n'),
  };
}
