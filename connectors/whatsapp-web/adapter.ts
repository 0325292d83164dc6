/** From the library's events to what the parent is told, in the order in which they came. */
import type { Heard } from './heard.ts';
import type { LibraryClient, LibraryMessage, LibraryReaction, LibraryVote } from './library.ts';
import type { Account } from './protocol.ts';
import { chatOf, createPeople, customer, isCustomerChat, isForUs, ourselves, plain, type Reader, readEdit, readMessage, readRevoke } from './reading.ts';

/** Resolves once the event is committed. */
export type Tell = (event: Heard) => Promise<void>;

export interface Adapter {
  /** Whose messages these are: what came before is told now. */
  ready(account: Account): void;
  /** A message that was not heard as it came. */
  takeOlder(message: LibraryMessage): Promise<void>;
}

/** A reader of one event: it tells what there is to tell. */
type Read = (reader: Reader, tell: (event: Heard) => void) => Promise<void> | void;

export function createAdapter(client: LibraryClient, tell: Tell, now: () => number = Date.now): Adapter {
  const people = createPeople(client);
  let known = (_: Account): void => {};
  const account = new Promise<Account>((resolve) => {
    known = resolve;
  });
  let queue: Promise<unknown> = account;

  /** One after the other, because names are looked up on the way; an event that cannot be read is told as such and stops nothing. */
  function take(event: string, subject: unknown, read: Read): Promise<void> {
    const told: Promise<void>[] = [];
    const turn = queue.then(async () => {
      const reader: Reader = { account: await account, people };
      try {
        await read(reader, (one) => void told.push(tell(one)));
      } catch (error) {
        const { id } = reader.account;
        told.push(tell({ kind: 'unreadable', event, reason: error instanceof Error ? error.message : String(error), raw: plain({ account: id, subject }) }));
      }
    });
    queue = turn;
    return turn.then(async () => void (await Promise.all(told)));
  }

  const on = <Arguments extends readonly unknown[]>(event: string, read: (...given: Arguments) => Read): void => {
    client.on(event, (...given: unknown[]) => take(event, given, read(...(given as unknown as Arguments))));
  };

  /** Deleted before it was heard, perhaps: that there was a message is told too. A known one stays as it is until its deletion. */
  async function sayDeleted(message: LibraryMessage, reader: Reader, say: (event: Heard) => void): Promise<void> {
    const deletion = readRevoke(message, undefined, reader.account, now());
    say({ ...(await readMessage(message, reader)), id: deletion.id, body: '' });
    say(deletion);
  }

  on('message_create', (message: LibraryMessage) => async (reader, say) => {
    if (!isForUs(message, reader.account.id) || message.type === 'ciphertext') return;
    if (message.type === 'revoked') return sayDeleted(message, reader, say);
    say(await readMessage(message, reader));
  });
  // Under an id of its own: should the words come after all, they are a message of theirs.
  on('message_ciphertext_failed', (message: LibraryMessage) => async (reader, say) => {
    if (!isForUs(message, reader.account.id)) return;
    const placeholder = await readMessage(message, reader);
    say({ ...placeholder, id: `${placeholder.id}#ciphertext`, type: 'ciphertext', body: '' });
  });
  on('message_edit', (message: LibraryMessage, words: string, before?: string) => ({ account }, say) => {
    const edited = message.latestEditMsgKey !== undefined || (!message.hasMedia && before !== undefined && words !== before);
    if (edited && isForUs(message, account.id)) say(readEdit(message, account, now()));
  });
  on('message_revoke_everyone', (after: LibraryMessage, before?: LibraryMessage) => ({ account }, say) => {
    if (isForUs(after, account.id)) say(readRevoke(after, before, account, now()));
  });
  on('message_ack', (message: LibraryMessage, ack: number) => ({ account }, say) => {
    if (message.fromMe && isForUs(message, account.id) && (ack < 0 || ack > 1)) say(readAck(message, ack, account, now()));
  });
  on('message_reaction', (reaction: LibraryReaction) => async (reader, say) => {
    const event = await readReaction(reaction, reader);
    if (isCustomerChat(event.chat, reader.account.id)) say(event);
  });
  on('contact_changed', (_message: LibraryMessage, was: string, is: string, isContact: boolean) => ({ account }, say) => {
    if (isContact && isCustomerChat(was, account.id)) say({ kind: 'renamed', account: account.id, chat: was, now: is, at: now() });
  });
  on('vote_update', (vote: LibraryVote) => async (reader, say) => {
    const poll = vote.parentMessage;
    if (!isForUs(poll, reader.account.id) || vote.voter === reader.account.id) return;
    say(await readVote(vote, reader));
  });

  return {
    ready: (own) => known(own),
    takeOlder: (message) =>
      take('fetched', message, async (reader, say) => {
        if (!isForUs(message, reader.account.id) || message.type === 'ciphertext') return;
        if (message.type === 'revoked') return sayDeleted(message, reader, say);
        say(await readMessage(message, reader));
        if (message.latestEditMsgKey !== undefined) say(readEdit(message, reader.account, now()));
        const { ack = 0 } = message;
        if (message.fromMe && (ack < 0 || ack > 1)) say(readAck(message, ack, reader.account, now()));
        if (message.hasReaction)
          for (const { senders } of (await message.getReactions()) ?? []) for (const one of senders) say(await readReaction(one, reader));
      }),
  };
}

const readAck = (message: LibraryMessage, ack: number, account: Account, at: number): Heard => ({
  kind: 'ack',
  account: account.id,
  chat: chatOf(message),
  at,
  id: message.id._serialized,
  ack,
});

async function readReaction({ msgId, reaction, senderId, timestamp }: LibraryReaction, reader: Reader): Promise<Extract<Heard, { kind: 'reaction' }>> {
  const chat = typeof msgId.remote === 'string' ? msgId.remote : msgId.remote._serialized;
  const fromMe = senderId === reader.account.id;
  return {
    kind: 'reaction',
    account: reader.account.id,
    chat,
    at: Math.round(timestamp * 1000),
    id: msgId._serialized,
    from: fromMe ? ourselves(reader) : await customer(reader, senderId),
    fromMe,
    emoji: reaction || null,
  };
}

/** An answer to a poll is an answer: it is told as a message. */
async function readVote(vote: LibraryVote, reader: Reader): Promise<Heard> {
  const { parentMessage: poll, voter, selectedOptions, interractedAtTs: at } = vote;
  return {
    kind: 'message',
    account: reader.account.id,
    chat: chatOf(poll),
    at: Math.round(at),
    id: `${poll.id._serialized}#vote#${voter}#${at}`,
    from: await customer(reader, voter),
    fromMe: false,
    type: 'vote',
    body: selectedOptions.map(({ name }) => name ?? '?').join(', '),
    quoted: { id: poll.id._serialized },
  };
}
