/** An agent who works over the API with a token: finds the conversation, answers, previews a closing and commits it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { ConversationDetail, Preview } from '../../src/api/contract.ts';
import type { DecisionInput } from '../../src/closing/decision.ts';
import type { Aim } from './aim.ts';
import { type Case, canary } from './cases.ts';
import type { KeptPart, Ledger } from './ledger.ts';
import type { Answered, Patient } from './patient.ts';

export interface Agent {
  /** The conversation that holds all messages of the case. */
  find(one: Case): Promise<ConversationDetail>;
  say(one: Case, conversation: string, kind: 'reply' | 'note', word: string): Promise<void>;
  close(one: Case, conversation: string, parts: readonly KeptPart[]): Promise<void>;
}

export interface AgentParts {
  readonly patient: Patient;
  readonly ledger: Ledger;
  readonly aim: Aim;
  readonly token: string;
}

/** A mail is fetched a moment after it was delivered; a plan waits for a helpdesk that just failed. */
const againMs = 200;

export function createAgent({ patient, ledger, aim, token }: AgentParts): Agent {
  const stage = (one: Case, what: string): void => void ledger.unfinished.set(one.n, what);

  const call = (method: string, path: string, body?: object, headers: Record<string, string> = {}, taken?: () => void): Promise<Answered> => {
    const request: RequestInit = {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    };
    return patient.send(`/api${path}`, () => request, taken);
  };

  const read = async (conversation: string): Promise<ConversationDetail> => (await call('GET', `/conversations/${conversation}`)).body as ConversationDetail;

  /** One try: undefined when it is committed, else why not: the plan is another by now, or cannot be made yet. */
  async function commit(one: Case, conversation: string, parts: readonly KeptPart[]): Promise<string | undefined> {
    const decision = decide(one, await read(conversation), parts);
    const preview = await call('POST', `/conversations/${conversation}/closings/preview`, { decision });
    const { digest, missing } = preview.body as Preview;
    if (preview.status !== 200 || missing.length > 0) return `preview: ${JSON.stringify(missing ?? preview.body)}`;
    // The key belongs to this decision: after a refusal nothing was filed, and the next decision gets its own.
    const key = { 'Idempotency-Key': randomUUID() };
    const answer = await call('POST', `/conversations/${conversation}/closings`, { decision, digest }, key, () => aim.reached('closing acknowledged'));
    if (answer.status >= 300) return `commit: ${JSON.stringify(answer.body)}`;
    ledger.closings.push({ id: (answer.body as { id: string }).id, conversation, case: one, parts });
    return undefined;
  }

  return {
    async find(one) {
      stage(one, 'its messages are in no conversation together');
      // The list shows each conversation by its last words, and of messages sent at once any may be the last.
      for (let look = 0; ; look += 1) {
        const { body } = await call('GET', `/conversations?view=any&words=${one.messages[look % one.messages.length]}`);
        for (const { id } of (body as { items: { id: string }[] }).items) {
          const found = await read(id);
          if (one.messages.every((word) => found.messageList.some(({ text }) => text.includes(word)))) return found;
        }
        if (look >= one.messages.length - 1) await wait(againMs);
      }
    },
    async say(one, conversation, kind, word) {
      const id = randomUUID();
      const text = kind === 'note' ? `${canary} ${word}` : `Reinicie a catraca, por favor. ${word}`;
      const body = { id, kind: kind === 'note' ? 'internal' : 'public', text };
      const taken = (): void => {
        ledger.messages.set(word, { case: one.n, channel: one.channel, kind, id });
        aim.reached('reply acknowledged');
      };
      const answer = await call('POST', `/conversations/${conversation}/messages`, body, {}, taken);
      if (answer.status >= 300) throw new Error(`a ${kind} was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
    },
    async close(one, conversation, parts) {
      for (;;) {
        const refusal = await commit(one, conversation, parts);
        if (refusal === undefined) return;
        stage(one, refusal);
        await wait(againMs);
      }
    },
  };
}

function decide(one: Case, { messageList }: ConversationDetail, parts: readonly KeptPart[]): DecisionInput {
  const idOf = (word: string): string => messageList.find(({ text }) => text.includes(word))?.id ?? '';
  const ours = one.reply ? [idOf(one.reply)] : [];
  return {
    covers: messageList.at(-1)?.id ?? '',
    parts: parts.map((part) => ({
      key: part.key,
      messages: [...part.messages.map((at) => idOf(one.messages[at] ?? '')), ...ours],
      target: part.ticket
        ? { kind: 'append', ticket: { helpdesk: part.helpdesk, id: part.ticket }, status: part.status === 'keep' ? 'keep' : 'outcome' }
        : { kind: 'new', helpdesk: part.helpdesk },
      outcome: part.status === 'keep' ? null : { status: part.status },
      title: part.title,
      summary: `${canary} ${part.summary}: resolvido com o cliente.`,
      impact: part.ticket ? null : 'question',
      // Freshdesk resolves nothing without it.
      fields: part.helpdesk === 'freshdesk-br' && part.status === 'solved' ? { cf_produto: 'Catraca' } : {},
    })),
  };
}
