/** Calls at the helpdesk for each way of closing, through the whole product onto the simulators; look-ups apart, and why each write beyond the first. */
import { freshdeskSimulator } from '../../connectors/freshdesk/simulator.ts';
import { zendeskSimulator } from '../../connectors/zendesk/simulator.ts';
import type { ClosingView } from '../../src/api/contract.ts';
import type { DecisionInput } from '../../src/closing/decision.ts';
import { type Call, type Listening, listen } from '../../src/kit/simulator.ts';
import { type Api, createApi, postMessage } from './api.ts';
import { freshdeskAt, mapping, partOf, webhookChannel, zendeskAt } from './desk-setup.ts';
import { newSecret } from './messages.ts';
import { startProduct } from './product.ts';

export interface CallFigures {
  readonly helpdesk: 'zendesk' | 'freshdesk';
  readonly way: 'new' | 'append and resolve' | 'split in three';
  readonly writes: readonly string[];
  readonly lookUps: readonly string[];
  /** Why there is more than one write. */
  readonly reasons: readonly string[];
}

type Vendor = CallFigures['helpdesk'];

const perTicket = 'a create each, for the three tickets';

/** One line for each write beyond the first, in the order of the vendor's documents. */
const reasons: Readonly<Record<`${Vendor}: ${CallFigures['way']}`, readonly string[]>> = {
  'zendesk: new': [],
  'zendesk: append and resolve': [],
  'zendesk: split in three': [perTicket, 'PUT update_many writes all three links in one call, once the numbers are known'],
  'freshdesk: new': ['the description is public, so summary and private note need a write of their own'],
  'freshdesk: append and resolve': ['a note cannot carry a status, so the status is a write of its own'],
  'freshdesk: split in three': [perTicket, 'summary and links go into one private write a ticket, once the numbers are known'],
};

const isLookUp = ({ method, path }: Call): boolean => method === 'GET' || path.startsWith('/oauth');
const shown = ({ method, path }: Call): string => `${method} ${path.replace('/api/v2', '').replace(/\/\d+/g, '/{id}')}`;

interface Bench {
  readonly api: Api;
  readonly url: string;
  readonly secret: string;
  readonly calls: Readonly<Record<Vendor, readonly Call[]>>;
}

/** Three messages, so that they can be split; the customer is nobody whom the helpdesk knows. */
async function conversation(bench: Bench, name: string): Promise<{ id: string; messages: readonly string[] }> {
  for (const part of [1, 2, 3])
    await postMessage(bench.url, bench.secret, {
      type: 'message',
      conversation: name,
      id: `${name}-${part}`,
      at: Date.now() + part,
      from: { id: name, role: 'contact', name: 'Maria', email: `${name}@example.com` },
      text: `The turnstile at entrance ${part} does not open.`,
    });
  const { items } = await bench.api.call<{ items: { id: string }[] }>('GET', '/api/conversations?view=open&channel=bench');
  const { id, messageList } = await bench.api.detail(items[0]?.id ?? '');
  return { id, messages: messageList.map((message) => message.id) };
}

type Parts = (messages: readonly string[]) => DecisionInput['parts'];

async function close(bench: Bench, helpdesk: Vendor, way: CallFigures['way'], parts: Parts): Promise<{ figures: CallFigures; closing: ClosingView }> {
  const { id, messages } = await conversation(bench, `${helpdesk}-${way.replaceAll(' ', '-')}`);
  const before = bench.calls[helpdesk].length;
  const committed = await bench.api.commit(id, { covers: messages.at(-1) ?? '', parts: parts(messages) });
  const closing = await bench.api.done(committed.id);
  const calls = bench.calls[helpdesk].slice(before);
  const figures = {
    helpdesk,
    way,
    writes: calls.filter((call) => !isLookUp(call)).map(shown),
    lookUps: calls.filter(isLookUp).map(shown),
    reasons: reasons[`${helpdesk}: ${way}`],
  };
  return { figures, closing };
}

async function waysOf(bench: Bench, helpdesk: Vendor): Promise<CallFigures[]> {
  const fields = helpdesk === 'freshdesk' ? { cf_produto: 'Catraca' } : {};
  const target = { kind: 'new' as const, helpdesk };
  const opened = await close(bench, helpdesk, 'new', (messages) => [partOf('all', messages, { target, fields })]);
  const [ticket] = opened.closing.tickets;
  if (!ticket) throw new Error(`${helpdesk} opened no ticket`);
  const append = { kind: 'append' as const, ticket: { helpdesk, id: ticket.id }, status: 'outcome' as const };
  const resolved = await close(bench, helpdesk, 'append and resolve', (messages) => [
    partOf('all', messages, { target: append, outcome: { status: 'solved' }, fields }),
  ]);
  const split = await close(bench, helpdesk, 'split in three', (messages) => messages.map((message, i) => partOf(`p${i}`, [message], { target, fields })));
  return [opened.figures, resolved.figures, split.figures];
}

export async function countCalls(): Promise<readonly CallFigures[]> {
  const simulators = { zendesk: zendeskSimulator(), freshdesk: freshdeskSimulator({ now: Date.now }) };
  const listening: Listening[] = [await listen(simulators.zendesk.app), await listen(simulators.freshdesk.app)];
  const [zendesk = '', freshdesk = ''] = listening.map(({ url }) => url);
  const secret = newSecret();
  const helpdesks = { zendesk: zendeskAt(zendesk, simulators.zendesk.credentials.clientSecret), freshdesk: freshdeskAt(freshdesk) };
  const product = await startProduct({ mapping, config: { channels: webhookChannel(secret), helpdesks } });
  try {
    const calls = { zendesk: simulators.zendesk.dials.calls, freshdesk: simulators.freshdesk.dials.calls };
    const bench: Bench = { api: createApi(product.url, await product.token()), url: product.url, secret, calls };
    return [...(await waysOf(bench, 'zendesk')), ...(await waysOf(bench, 'freshdesk'))];
  } finally {
    await product.stop();
    for (const server of listening) await server.close();
  }
}
