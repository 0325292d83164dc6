/** Customers: a program with signed webhooks, visitors of the widget, people who write mails. Each goes on until its message is taken. */
import { randomUUID } from 'node:crypto';
import { signedRequest } from '../../connectors/webhook/sender.ts';
import type { Dovecot } from '../support/dovecot.ts';
import type { Aim } from './aim.ts';
import type { Case } from './cases.ts';
import type { KeptMessage, Ledger } from './ledger.ts';
import type { Answered, Patient } from './patient.ts';
import { webhookSecret } from './setup.ts';

export interface Senders {
  /** Resolves when all messages of the case are acknowledged. */
  messages(one: Case): Promise<void>;
  /** One more message in the same place, after the closing. */
  late(one: Case, word: string): Promise<void>;
  /** The vendor's word that the chat has ended. `conversation` is ours, to look at afterwards. */
  end(one: Case, conversation: string): Promise<void>;
  /** The conversation is over: its visitor may come back with another. */
  leave(one: Case): void;
}

export interface SenderParts {
  readonly patient: Patient;
  readonly ledger: Ledger;
  readonly aim: Aim;
  readonly dovecot: Dovecot | undefined;
}

const needed = (answer: Answered, what: string): Answered => {
  if (answer.status < 300) return answer;
  throw new Error(`${what} was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
};

const sentence = (word: string): string => `A catraca não libera ninguém, código ${word}.`;

export function createSenders(parts: SenderParts): Senders {
  const { ledger } = parts;
  const keep = (one: Case, words: readonly string[], kind: KeptMessage['kind'] = 'customer'): void => {
    for (const word of words) ledger.messages.set(word, { case: one.n, channel: one.channel, kind });
  };
  const program = programOf(parts, keep);
  const visitors = visitorsOf(parts, keep);
  return {
    messages: (one) => (one.channel === 'program' ? program.messages(one) : one.channel === 'site-chat' ? visitors.messages(one) : mails(parts, one, keep)),
    late: (one, word) => program.late(one, word),
    end: (one, conversation) => program.end(one, conversation),
    leave: (one) => visitors.leave(one),
  };
}

type Keep = (one: Case, words: readonly string[], kind?: KeptMessage['kind']) => void;

function programOf({ patient, aim, ledger }: SenderParts, keep: Keep) {
  const from = (one: Case) => ({ id: `customer-${one.n}`, name: `Customer ${one.n}`, role: 'contact', email: `customer-${one.n}@example.org` });
  const thread = (one: Case): string => `chat-${one.n}`;
  const message = (one: Case, word: string) => ({
    type: 'message',
    conversation: thread(one),
    id: word,
    at: Date.now(),
    from: from(one),
    text: sentence(word),
  });

  /** Signed anew each time, under the same id. */
  async function post(id: string, payload: object, taken: () => void): Promise<void> {
    const request = (): RequestInit => {
      const { headers, body } = signedRequest({ secret: webhookSecret, id, payload });
      return { method: 'POST', headers, body: new Uint8Array(body) };
    };
    needed(await patient.send('/hooks/program', request, taken), 'a webhook');
  }

  const one = (which: Case, payload: { id: string } & object, kind?: KeptMessage['kind']): Promise<void> =>
    post(`post-${payload.id}`, payload, () => {
      keep(which, [payload.id], kind);
      aim.reached('message acknowledged');
    });

  return {
    async messages(which: Case): Promise<void> {
      const payloads = which.messages.map((word) => message(which, word));
      if (which.sending === 'batch') {
        const taken = (): void => {
          keep(which, which.messages);
          aim.reached('message acknowledged');
        };
        await post(`batch-${which.n}`, { events: payloads }, taken);
      } else if (which.sending === 'together') await Promise.all(payloads.map((payload) => one(which, payload)));
      else for (const payload of payloads) await one(which, payload);
      // A program that has forgotten what it sent: under the same id, and under another.
      const [first] = payloads;
      if (!which.repeats || !first) return;
      for (const id of [`post-${first.id}`, `again-${first.id}`]) await post(id, first, () => {});
    },
    late: (which: Case, word: string): Promise<void> => one(which, message(which, word), 'late'),
    end: (which: Case, conversation: string): Promise<void> =>
      post(`end-${which.n}`, { type: 'ended', conversation: thread(which), at: Date.now() }, () => {
        ledger.endings.set(conversation, { case: which.n, channel: which.channel });
        aim.reached('message acknowledged');
      }),
  };
}

/** A visitor has one conversation at a time, and comes back when it is over. */
function visitorsOf({ patient, aim, ledger }: SenderParts, keep: Keep) {
  const writing = new Map<number, string>();
  const free: string[] = [];

  async function enter(): Promise<string> {
    const { body } = needed(await patient.send('/hooks/site-chat/session', () => ({ method: 'POST' })), 'a visitor');
    const { visitor, token } = body as { visitor: string; token: string };
    ledger.visitors.set(visitor, token);
    return token;
  }

  return {
    async messages(one: Case): Promise<void> {
      const token = free.pop() ?? (await enter());
      writing.set(one.n, token);
      for (const word of one.messages) {
        const body = JSON.stringify({ id: randomUUID(), text: sentence(word), name: 'A visitor', email: 'visitor@example.org' });
        const request = { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body };
        const taken = (): void => {
          keep(one, [word]);
          aim.reached('message acknowledged');
        };
        needed(await patient.send('/hooks/site-chat/messages', () => request, taken), 'a message of the widget');
        if (one.repeats) await patient.send('/hooks/site-chat/messages', () => request);
      }
    },
    leave(one: Case): void {
      const token = writing.get(one.n);
      if (token) free.push(token);
    },
  };
}

/** Taken by the mail server counts as acknowledged: from then on nobody sends it again. */
async function mails({ dovecot, aim }: SenderParts, one: Case, keep: Keep): Promise<void> {
  const id = (word: string): string => `<${word}@customers.example>`;
  const [root = ''] = one.messages;
  for (const [index, word] of one.messages.entries()) {
    const headers = [
      `From: Customer ${one.n} <writer-${one.n}@customers.example>`,
      `To: ${dovecot?.user}`,
      `Subject: ${index ? 'Re: ' : ''}Catraca ${one.n}`,
      `Date: ${new Date().toUTCString()}`,
      `Message-ID: ${id(word)}`,
      ...(index ? [`In-Reply-To: ${id(root)}`, `References: ${id(root)}`] : []),
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
    ];
    await dovecot?.deliver(`${headers.join('\r\n')}\r\n\r\n${sentence(word)}\r\n`);
    keep(one, [word]);
    aim.reached('message acknowledged');
  }
}
