/** What the load is made of: support chats of about a kilobyte a message, many conversations at once, signed ahead. */
import { randomBytes } from 'node:crypto';
import { signedRequest } from '../../connectors/webhook/sender.ts';

/** A message as the webhook channel takes it. */
export interface Message {
  readonly type: 'message';
  readonly conversation: string;
  readonly id: string;
  readonly at: number;
  readonly from: { readonly id: string; readonly role: 'contact'; readonly name: string; readonly email: string; readonly company?: string };
  readonly text: string;
}

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

const sentences = [
  'Bom dia, a catraca da entrada não libera ninguém desde as sete da manhã e a fila já chega na calçada. ',
  'I have restarted the reader twice, the light stays red and the display says E-07. ',
  'Já verifiquei o cabo de rede, está bem conectado, e os outros computadores da recepção funcionam. ',
  'Could somebody call us back before noon? After that the manager is out of the house until tomorrow. ',
];

/** About 700 characters, so that the body with its envelope is near 1 kB. */
const textOf = (index: number): string => {
  let text = `#${index} `;
  for (let i = index; text.length < 700; i += 1) text += sentences[i % sentences.length];
  return text.slice(0, 700);
};

/** Open at the same time, and messages of each before the next ones begin. */
const together = 200;
const each = 20;

export function messageOf(run: string, index: number, at: number, alone = false): Message {
  const conversation = `${run}-${alone ? index : Math.floor(index / (together * each)) * together + (index % together)}`;
  const person = index % together;
  return {
    type: 'message',
    conversation,
    id: `${run}-${index}`,
    at,
    from: { id: `p${person}`, role: 'contact', name: `Recepção ${person}`, email: `p${person}@gym${person % 40}.example`, company: `Gym ${person % 40}` },
    text: textOf(index),
  };
}

/** Whole HTTP requests, ready to be written to a socket. */
export function requestsOf(options: { url: string; secret: string; run: string; count: number; alone?: boolean }): Buffer[] {
  const { host, pathname } = new URL(options.url);
  const now = Date.now();
  return Array.from({ length: options.count }, (_, index) => {
    const { headers, body } = signedRequest({
      secret: options.secret,
      id: `${options.run}.${index}`,
      payload: messageOf(options.run, index, now + index, options.alone),
      now,
    });
    const lines = Object.entries({ host, ...headers, 'content-length': body.length }).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.concat([Buffer.from(`POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
  });
}
