/** The product's API as a program uses it: closings are previewed, then committed with the digest. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { signedPost } from '../../connectors/webhook/sender.ts';
import type { ClosingView, ConversationDetail, Preview } from '../../src/api/contract.ts';
import type { DecisionInput } from '../../src/closing/decision.ts';
import type { Message } from './messages.ts';

export interface Api {
  call<T>(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<T>;
  /** Commits the plan of a decision; throws where something is missing. */
  commit(conversation: string, decision: DecisionInput): Promise<ClosingView>;
  /** Waits until every delivery of a closing is done. */
  done(closing: string): Promise<ClosingView>;
  detail(conversation: string): Promise<ConversationDetail>;
}

export function createApi(url: string, token: string): Api {
  const call: Api['call'] = async <T>(method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    call,
    async commit(conversation, decision) {
      const base = `/api/conversations/${conversation}/closings`;
      const { digest, missing } = await call<Preview>('POST', `${base}/preview`, { decision });
      if (missing.length > 0) throw new Error(`the closing misses ${missing.map(({ field }) => field).join(', ')}`);
      return call<ClosingView>('POST', base, { decision, digest }, { 'idempotency-key': randomUUID() });
    },
    async done(closing) {
      for (let tries = 0; tries < 400; tries += 1) {
        const view = await call<ClosingView>('GET', `/api/closings/${closing}`);
        if (view.progress === 'done') return view;
        if (view.progress === 'needs-you') throw new Error(`a closing stopped: ${JSON.stringify(view.deliveries.map(({ kind, error }) => [kind, error]))}`);
        await wait(50);
      }
      throw new Error('a closing did not end within 20 s');
    },
    detail: (conversation) => call('GET', `/api/conversations/${conversation}`),
  };
}

/** Posts one signed message; throws unless it was acknowledged. */
export async function postMessage(url: string, secret: string, payload: Message): Promise<void> {
  const { status, body } = await signedPost({ url: `${url}/hooks/bench`, secret, id: payload.id, payload });
  if (status !== 202) throw new Error(`the message ${payload.id} was answered ${status}: ${body}`);
}
