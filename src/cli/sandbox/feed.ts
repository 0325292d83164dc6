/** Brings the demo day's conversations in through the product's own doors: signed webhooks, and the widget's routes. */
import { signedPost } from '../../../connectors/webhook/sender.ts';
import type { DemoConversation } from './demo-day.ts';

/** The one channel that is a chat widget; all others take signed webhooks. */
export const widgetChannel = 'widget-site';

export interface Door {
  /** Address of the product. */
  readonly url: string;
  /** `whsec_…` of every webhook channel. */
  readonly secret: string;
  /** An API token, with which agents answer in the widget. */
  readonly token: string;
}

type DemoMessage = DemoConversation['messages'][number];

/** The vendor's id of the conversation. Number 5 goes on in the thread of number 4. */
const threadOf = ({ number, follows, channel }: DemoConversation): string => `${channel}-${follows ?? number}`;

function payloadOf(conversation: DemoConversation, message: DemoMessage, now: number): unknown {
  const { id, name, email, phone, company } = conversation.person;
  const from = message.agent
    ? { id: `agent-${message.agent}`, role: 'agent', name: message.agent }
    : { id, role: 'contact', name, email, phone, company: message.company ?? company };
  const thread = threadOf(conversation);
  return {
    type: 'message',
    conversation: thread,
    id: `${thread}-${message.id}`,
    at: now - message.ago * 60_000,
    from,
    text: message.text,
    ...(conversation.subject ? { subject: conversation.subject } : {}),
  };
}

/** Resolves once all messages are on disk. `only` picks some by their ids. */
export async function feedByWebhook(door: Door, conversation: DemoConversation, now = Date.now(), only?: readonly string[]): Promise<void> {
  for (const message of conversation.messages.filter(({ id }) => !only || only.includes(id))) {
    const payload = payloadOf(conversation, message, now);
    const id = `demo-${threadOf(conversation)}-${message.id}`;
    const { status, body } = await signedPost({ url: `${door.url}/hooks/${conversation.channel}`, secret: door.secret, id, payload });
    if (status >= 300) throw new Error(`${conversation.channel} answered ${status}: ${body}`);
  }
}

async function call<T>(method: string, url: string, token: string | undefined, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** As a visitor of the site; agents answer by the API. The widget's messages are written now, so `ago` counts for nothing. */
export async function feedByWidget(door: Door, conversation: DemoConversation): Promise<void> {
  const hook = `${door.url}/hooks/${conversation.channel}`;
  const visitor = await call<{ token: string }>('POST', `${hook}/session`, undefined, {});
  const { name, email } = conversation.person;
  for (const message of conversation.messages) {
    const id = crypto.randomUUID();
    if (!message.agent) {
      await call('POST', `${hook}/messages`, visitor.token, { id, text: message.text, name, email });
      continue;
    }
    const inbox = `${door.url}/api/conversations?view=open&channel=${conversation.channel}`;
    const { items } = await call<{ items: { id: string }[] }>('GET', inbox, door.token);
    await call('POST', `${door.url}/api/conversations/${items[0]?.id}/messages`, door.token, { id, kind: 'public', text: message.text });
  }
}
