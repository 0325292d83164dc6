/** What customers do on their phones, and what the business does in its own phone app. */
import type { SimulatedFile, SimulatedMessage, SimulatedPerson } from '../../../src/kit/simulator.ts';
import type { Hooks } from './hooks.ts';
import { addressOf, keep, sha256Of } from './media.ts';
import { tellStatus } from './outgoing.ts';
import type { Customer, Message, State } from './state.ts';

const seconds = (at: number): string => String(Math.floor(at / 1000));

const named = ({ waId, userId, parentUserId }: Customer, who: 'from' | 'to') => ({
  ...(waId !== undefined && { [who]: waId }),
  ...(userId !== undefined && { [`${who}_user_id`]: userId }),
  ...(parentUserId !== undefined && { [`${who}_parent_user_id`]: parentUserId }),
});

const kindOf = (mime: string): string => {
  const [kind = ''] = mime.split('/');
  return mime === 'image/webp' ? 'sticker' : ['image', 'video', 'audio'].includes(kind) ? kind : 'document';
};

export interface Customers {
  write(message: SimulatedMessage): { readonly id: string };
  /** A message of any type, with its own object. */
  send(person: SimulatedPerson, type: string, object: object, more?: { at?: number | undefined; text?: string; extra?: object }): { readonly id: string };
  edit(id: string, text: string): void;
  remove(id: string): void;
  react(id: string, emoji: string | null): void;
  /** The customer reads what was sent to them. */
  readAll(person: SimulatedPerson): void;
  /** A new number, and with it a new user id. */
  changeNumber(person: SimulatedPerson, phone: string, userId: string): void;
}

export function createCustomers(state: State, hooks: Hooks, address: () => string | undefined): Customers {
  function add(message: Pick<Message, 'customer' | 'from' | 'type' | 'text' | 'at'> & Partial<Message>): Message {
    const whole: Message = {
      files: [],
      callbackData: undefined,
      answers: undefined,
      status: 'delivered',
      deleted: false,
      readByBusiness: false,
      id: state.newId('wamid.'),
      ...message,
    };
    state.messages.push(whole);
    return whole;
  }

  function tell(message: Message, type: string, object: object, extra: object = {}): void {
    const one = { id: message.id, timestamp: seconds(message.at), type, [type]: object, ...extra };
    if (message.from === 'customer') hooks.tell('messages', { messages: [{ ...named(message.customer, 'from'), ...one }] }, message.customer);
    else hooks.tell('smb_message_echoes', { message_echoes: [{ from: state.displayPhone, ...named(message.customer, 'to'), ...one }] });
  }

  function wrote(from: Message['from'], customer: Customer, at: number): void {
    // What is written in the phone app opens no window.
    if (from === 'customer') customer.wroteAt = Math.max(customer.wroteAt ?? 0, at);
  }

  function writeFile(from: Message['from'], customer: Customer, file: SimulatedFile, caption: string, at: number): Message {
    const type = kindOf(file.mime);
    const media = keep(state, { bytes: file.bytes, mime: file.mime, name: file.name }, 7);
    const base = address();
    const message = add({ customer, from, type: from === 'customer' ? type : 'echo', text: caption, at, files: [{ name: file.name, bytes: file.bytes }] });
    tell(message, type, {
      ...(caption !== '' && { caption }),
      ...(type === 'document' && { filename: file.name }),
      mime_type: type === 'audio' ? `${file.mime}; codecs=opus` : file.mime,
      sha256: sha256Of(media),
      id: media.id,
      ...(base !== undefined && { url: addressOf(state, media, base) }),
      ...(type === 'audio' && { voice: true }),
      ...(type === 'sticker' && { animated: false }),
    });
    return message;
  }

  return {
    write({ person, text, at = state.now(), files = [], agent }) {
      const from = agent === undefined ? 'customer' : 'business';
      const customer = state.customer(person);
      wrote(from, customer, at);
      const [first, ...others] = files;
      const captioned = first !== undefined && ['image', 'video', 'document'].includes(kindOf(first.mime));
      const written: Message[] = [];
      if (text !== '' && !captioned) {
        const message = add({ customer, from, type: from === 'customer' ? 'text' : 'echo', text, at });
        tell(message, 'text', { body: text });
        written.push(message);
      }
      if (first) written.push(writeFile(from, customer, first, captioned ? text : '', at));
      for (const file of others) written.push(writeFile(from, customer, file, '', at));
      const [one] = written;
      if (!one) throw new Error('a message needs words or files');
      return { id: one.id };
    },
    send(person, type, object, { at = state.now(), text = '', extra = {} } = {}) {
      const customer = state.customer(person);
      wrote('customer', customer, at);
      const message = add({ customer, from: 'customer', type, text, at });
      tell(message, type, object, extra);
      return { id: message.id };
    },
    edit(id, text) {
      const message = state.message(id);
      message.text = text;
      const type = message.files.length > 0 ? kindOf('image/jpeg') : 'text';
      const object = type === 'text' ? { body: text } : { caption: text, id: state.newId(''), mime_type: 'image/jpeg' };
      tell({ ...message, id: state.newId('wamid.'), at: state.now() }, 'edit', { original_message_id: id, message: { type, [type]: object } });
    },
    remove(id) {
      const message = state.message(id);
      message.deleted = true;
      tell({ ...message, id: state.newId('wamid.'), at: state.now() }, 'revoke', { original_message_id: id });
    },
    react(id, emoji) {
      const message = state.message(id);
      const by: Message = { ...message, id: state.newId('wamid.'), from: 'customer', at: state.now() };
      tell(by, 'reaction', { message_id: id, ...(emoji !== null && { emoji }) });
    },
    readAll(person) {
      const customer = state.customer(person);
      for (const message of state.messages.filter((one) => one.customer === customer && one.from === 'business' && one.status === 'delivered'))
        tellStatus(state, hooks, message, 'read');
    },
    changeNumber(person, phone, userId) {
      const customer = state.customer(person);
      const { waId: was, userId: wasUser, name } = customer;
      customer.waId = phone.replace(/\D/g, '');
      customer.userId = userId;
      hooks.tell('messages', {
        messages: [
          {
            ...(was !== undefined && { from: was }),
            id: state.newId('wamid.'),
            timestamp: seconds(state.now()),
            type: 'system',
            system: {
              body: `User ${name ?? ''} changed from ${wasUser} to ${userId}`,
              type: 'user_changed_user_id',
              wa_id: customer.waId,
              user_id: userId,
              previous_user_id: wasUser,
            },
          },
        ],
      });
    },
  };
}
