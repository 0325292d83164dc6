/** What the made-up WhatsApp Business account holds. */
import { createHash, randomBytes } from 'node:crypto';
import type { SimulatedPerson } from '../../../src/kit/simulator.ts';
import { Unknown } from './refusal.ts';

/** A customer, as WhatsApp knows them. `waId` goes when they show a username in its place. */
export interface Customer {
  readonly name: string | undefined;
  waId: string | undefined;
  /** Business-scoped id; absent in webhooks of before it was introduced. */
  userId: string | undefined;
  parentUserId: string | undefined;
  username: string | undefined;
  /** Epoch ms of their last message: opens 24 hours for free text. */
  wroteAt: number | undefined;
}

export interface Media {
  readonly id: string;
  readonly bytes: Buffer;
  readonly mime: string;
  readonly name: string;
  /** Ids out of webhooks live for 7 days, uploaded ones for 30. */
  readonly expiresAt: number;
}

export interface Message {
  readonly id: string;
  readonly customer: Customer;
  readonly from: 'customer' | 'business';
  readonly type: string;
  text: string;
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
  readonly at: number;
  readonly callbackData: string | undefined;
  readonly answers: string | undefined;
  status: 'accepted' | 'sent' | 'delivered' | 'read' | 'played' | 'failed';
  deleted: boolean;
  readByBusiness: boolean;
}

export interface Template {
  readonly name: string;
  readonly language: string;
  readonly status: 'APPROVED' | 'PENDING' | 'REJECTED' | 'PAUSED';
  readonly parameter_format?: 'POSITIONAL' | 'NAMED';
  readonly components: readonly { readonly type: string; readonly format?: string; readonly text?: string; readonly buttons?: readonly object[] }[];
}

/** What can be turned while the simulator runs. */
export interface Limits {
  /** Messages a second from the number; 80, 20 in coexistence. */
  perSecond: number;
  /** Pause that is asked for between two messages to one customer, ms; 0 for none. Meta's is about 6,000. */
  pairMs: number;
  /** Where a free text after 24 hours is refused: in the answer, or by a failed status after it was taken. */
  windowShut: 'answer' | 'status';
}

export interface State {
  readonly phoneNumberId: string;
  readonly displayPhone: string;
  readonly wabaId: string;
  readonly messages: Message[];
  readonly media: Map<string, Media>;
  /** Addresses of files, by their secret part. */
  readonly addresses: Map<string, { readonly media: Media; readonly expiresAt: number }>;
  readonly templates: Template[];
  readonly limits: Limits;
  /** Numbers that have no WhatsApp. */
  readonly unreachable: Set<string>;
  /** Dialled numbers whose wa_id is another one. */
  readonly spelling: Map<string, string>;
  now(): number;
  newId(prefix: 'wamid.' | ''): string;
  customer(person: SimulatedPerson): Customer;
  /** By number or user id; a number that nobody had is somebody's. */
  reached(address: { readonly to?: string | undefined; readonly recipient?: string | undefined }): Customer;
  message(id: string): Message;
}

/** Digits that stay the same for the same person in every run. */
const digitsOf = (text: string): string => BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 15)}`).toString();

export function createState(now: () => number): State {
  const customers = new Map<string, Customer>();
  let made = 0;
  const state: State = {
    phoneNumberId: '106540352242922',
    displayPhone: '15550783881',
    wabaId: '102290129340398',
    messages: [],
    media: new Map(),
    addresses: new Map(),
    templates: [...gymTemplates],
    limits: { perSecond: 80, pairMs: 0, windowShut: 'answer' },
    unreachable: new Set(),
    spelling: new Map(),
    now,
    newId: (prefix) =>
      prefix === '' ? String(1_000_000_000_000_000 + ++made) : `${prefix}${Buffer.from(`HB${++made}`).toString('base64')}${randomBytes(9).toString('base64')}`,
    customer({ id, name, phone }) {
      const known = customers.get(id);
      if (known) return known;
      const waId = phone?.replace(/\D/g, '');
      // They may have been written to before they wrote.
      const reached = waId === undefined ? undefined : [...customers.values()].find((one) => one.waId === waId);
      const customer: Customer = reached ?? {
        name,
        waId,
        userId: `BR.${digitsOf(id)}`,
        parentUserId: undefined,
        username: waId ? undefined : `@${id}`,
        wroteAt: undefined,
      };
      const named = reached && name !== undefined ? Object.assign(reached, { name }) : customer;
      customers.set(id, named);
      return named;
    },
    reached({ to, recipient }) {
      const all = [...customers.values()];
      if (to !== undefined) {
        const waId = state.spelling.get(to.replace(/\D/g, '')) ?? to.replace(/\D/g, '');
        return all.find((one) => one.waId === waId) ?? state.customer({ id: `phone-${waId}`, phone: `+${waId}` });
      }
      const found = all.find((one) => one.userId === recipient || one.parentUserId === recipient);
      if (!found) throw new Unknown(`what Meta answers for a user id that nobody has (${recipient}) is not documented`);
      return found;
    },
    message(id) {
      const found = state.messages.find((message) => message.id === id);
      if (!found) throw new Error(`there is no message ${id}`);
      return found;
    },
  };
  return state;
}

const gymTemplates: readonly Template[] = [
  {
    name: 'contato_suporte',
    language: 'pt_BR',
    status: 'APPROVED',
    components: [
      { type: 'BODY', text: 'Olá, {{1}}! Aqui é do suporte, sobre o chamado {{2}}. Podemos falar agora?' },
      { type: 'FOOTER', text: 'Suporte' },
    ],
  },
  {
    name: 'visita_marcada',
    language: 'pt_BR',
    status: 'APPROVED',
    parameter_format: 'NAMED',
    components: [{ type: 'BODY', text: 'A visita técnica na {{academia}} ficou para {{data}}.' }],
  },
  { name: 'promo', language: 'pt_BR', status: 'PENDING', components: [{ type: 'BODY', text: 'Novidades!' }] },
  {
    name: 'boleto',
    language: 'pt_BR',
    status: 'APPROVED',
    components: [
      { type: 'HEADER', format: 'DOCUMENT' },
      { type: 'BODY', text: 'Segue o boleto de {{1}}.' },
    ],
  },
];
