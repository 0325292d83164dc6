/** A whole helpdesk for a vendor that never was: a card index, its HTTP client included. It shows what a new connector takes, and a test holds it under 120 lines. */
import { z } from 'zod';
import type * as kit from '../../../src/kit/index.ts';
import { ConnectorError, connectorError, defineHelpdesk, needRef, secret, toHtml } from '../../../src/kit/index.ts';

const settings = z.strictObject({
  address: z.url().describe('Address of the card index.'),
  token: secret().describe('Token that the card index gave to Deskbridge.'),
});
type Desk = kit.Context<z.output<typeof settings>>;
type Content = { [name: string]: kit.Json };

const choice = z.object({ id: z.string(), label: z.string() });
const index = z.object({ priorities: z.array(choice), statuses: z.array(choice.extend({ meaning: z.enum(['open', 'waiting', 'resolved']) })) });
const files = z.array(z.object({ name: z.string(), size: z.number() }));
const entry = z.object({ id: z.string(), kind: z.enum(['note', 'reply']), author: z.string(), at: z.number(), html: z.string(), files });
const requester = z.object({ id: z.string(), name: z.string(), email: z.string().nullable(), phone: z.string().nullable() });
const state = { status: z.string(), priority: z.string().nullable(), tags: z.array(z.string()), createdAt: z.number(), updatedAt: z.number() };
const words = { subject: z.string(), description: z.string(), summary: z.string(), entries: z.array(entry) };
const card = z.object({ id: z.string(), number: z.string(), ...state, ...words, requester, changes: z.array(z.string()) });

/** A page in the API's place is not the API, whatever its status says. */
const page = (status: number, body: unknown) =>
  status < 500 && /^\s*</.test(String(body)) ? ({ code: 'not-understood', message: 'a web page answered, not the API' } as const) : undefined;

async function call<T>({ settings, http, now }: Desk, method: 'get' | 'put', path: string, shape: z.ZodType<T>, more: object = {}): Promise<T> {
  const headers = { authorization: `Bearer ${settings.token.reveal()}` };
  const answer = await http.request({ method, url: `${settings.address}${path}`, headers, ...more }).catch((error) => {
    throw connectorError(error, 'The card index', now(), page);
  });
  const read = shape.safeParse(answer.data);
  if (read.success) return read.data;
  throw new ConnectorError('not-understood', 'The card index answered in an unknown shape', { effect: 'unclear', status: answer.status });
}

const pathOf = (id: string): string => `/cards/${encodeURIComponent(id)}`;
const cardOf = (desk: Desk, id: string) => call(desk, 'get', pathOf(id), card);
const cards = (desk: Desk, params: object) => call(desk, 'get', '/cards', z.array(card), { params });
const refOf = (desk: Desk, id: string, number: string): kit.TicketRef => ({ helpdesk: desk.name, id, number, url: desk.settings.address + pathOf(id) });
const absent = { company: null, assignee: null, group: null, due: null };
const ticketOf = (desk: Desk, { id, number, ...shown }: z.output<typeof card>) => ({ ...shown, ...absent, ref: refOf(desk, id, number) });

/** What has no place on a card is refused by name, for a value that is dropped in silence is missed much later. */
function values({ status, priority, tags, ...others }: kit.TicketValues = {}): Content {
  const [field] = Object.keys({ ...others, ...others.fields }).filter((name) => name !== 'fields');
  if (field) throw new ConnectorError('refused', `A card has no place for ${field}`, { field });
  return { ...(status && { status }), ...(priority && { priority }), ...(tags && { tags }) };
}

/** The vendor keeps one object an id that we choose, so any write may go again at any time. Bytes go first, under their hash. */
async function put(desk: Desk, step: kit.Step, name: string, path: string, content: () => Content, files: readonly kit.BlobRef[] = []) {
  const written = await step(name, {
    safeForMs: Number.POSITIVE_INFINITY,
    body: () => ({ ...content(), files: files.map(({ sha256, name, size }) => ({ sha256, name, size })) }),
    async send(body) {
      for (const { sha256 } of body.files) await call(desk, 'put', `/files/${sha256}`, z.object({}), { data: await desk.blobs.read(sha256) });
      const { id, number } = await call(desk, 'put', path, card, { data: body });
      return { id, number };
    },
  });
  return { ticket: refOf(desk, written.id, written.number) };
}

const internally = (note: kit.InternalText, set: Content = {}): Content => ({ kind: 'note', html: toHtml(note), set });
const publicly = (reply: kit.PublicText, set: Content): Content => ({ kind: 'reply', html: toHtml(reply), set });

function open(desk: Desk, step: kit.Step, { id, subject, description, note, requester, ...more }: kit.OpenOperation) {
  const value = (kind: string): string | null => requester.identities.find((identity) => identity.kind === kind)?.value ?? null;
  const asked = { id: requester.known ?? requester.contact, name: requester.name, email: value('email'), phone: value('phone') };
  const content = () => ({ subject, description: toHtml(description), summary: toHtml(note), requester: asked, set: values(more.values) });
  return put(desk, step, 'open', pathOf(id), content, more.files);
}

async function run(desk: Desk, operation: kit.Operation, step: kit.Step): Promise<kit.OperationResult> {
  if (operation.kind === 'open') return open(desk, step, operation);
  if (operation.kind === 'logTime') throw new ConnectorError('refused', 'A card index keeps no time sheets');
  const part = operation.kind === 'update' ? 'changes' : 'entries';
  const pathIn = (target?: kit.TicketRef | kit.TicketTarget): string => `${pathOf(needRef(target).id)}/${part}/${operation.id}`;
  if (operation.kind === 'link') {
    for (const [i, note] of operation.notes.entries()) await put(desk, step, `link-${i}`, pathIn(operation.tickets[i]), () => internally(note));
    return { ticket: needRef(operation.tickets[0]) };
  }
  const content = (): Content => {
    if (operation.kind === 'update') return { set: values(operation.values) };
    if (operation.kind === 'reply') return publicly(operation.reply, values(operation.values));
    return internally(operation.note, operation.kind === 'append' ? values(operation.values) : {});
  };
  return put(desk, step, 'write', pathIn(operation.ticket), content, 'files' in operation ? operation.files : []);
}

export default defineHelpdesk({
  id: 'card-index',
  title: 'Card index',
  settings,
  capabilities: { privateFirstComment: true, maxFileBytes: 2 ** 20, maxTicketBytes: 2 ** 24, companies: false, closedIsFinal: false },
  create: (desk): kit.Helpdesk => ({
    async schema() {
      const { statuses, priorities } = await call(desk, 'get', '/index', index);
      return { fields: [], statuses, priorities: priorities.map(({ id, label }) => ({ value: id, label })), groups: [], agents: [] };
    },
    async findRequester(_identities, contact) {
      const [found] = await cards(desk, { requester: contact });
      return found && { ...found.requester, company: null };
    },
    findCompanies: async () => [],
    async *tickets(query) {
      if ('company' in query && query.company !== undefined) return;
      for (const found of await cards(desk, 'changedSince' in query ? { since: query.changedSince } : query)) yield ticketOf(desk, found);
    },
    ticket: async (id) => ({ ...ticketOf(desk, await cardOf(desk, id)), fields: {} }),
    run: (operation, step) => run(desk, operation, step),
    async traces(operation, { ticket }) {
      const marked = await Promise.all((operation.kind === 'link' ? operation.tickets.map(needRef) : [ticket]).map(({ id }) => cardOf(desk, id)));
      return marked.flatMap(({ id, changes, entries }) => [id, ...changes, ...entries.map((entry) => entry.id)].filter((mark) => mark === operation.id));
    },
    health: async () => ({ detail: `${(await call(desk, 'get', '/index', index)).statuses.length} statuses` }),
  }),
});
