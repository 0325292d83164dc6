import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { quiet } from '../../test/support/context.ts';
import { openPlace, type Place } from '../../test/support/deliveries.ts';
import { type CustomerTyping, createTyping } from './typing.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

const typing = () => createTyping({ read: place.store.read, now: place.clock.now, log: quiet });

describe('who is typing', () => {
  it('is told of a customer by their open conversation, once a burst, to whoever listens', async () => {
    const { id } = await place.conversation({ thread: 'room' });
    const live = typing();
    const heard: CustomerTyping[] = [];
    const stop = live.onCustomer((one) => heard.push(one));
    const port = live.port('chat');
    port.typing('room');
    port.typing('room');
    port.typing('nowhere');
    await vi.waitFor(() => expect(heard).toEqual([{ conversation: id, name: 'Maria' }]));
    place.clock.advance(2_000);
    port.typing('room');
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    live.port('other').typing('room');
    stop();
    place.clock.advance(2_000);
    port.typing('room');
    await place.store.read.selectFrom('conversations').select('id').execute();
    expect(heard).toHaveLength(2);
  });

  it('is told of an agent to those who watch that thread of that channel, until they stop', () => {
    const live = typing();
    const heard: string[] = [];
    const port = live.port('chat');
    const [one, two] = [port.watchTyping('room', (agent) => heard.push(`one ${agent}`)), port.watchTyping('room', (agent) => heard.push(`two ${agent}`))];
    live.agentTypes('chat', 'room', 'Ana');
    live.agentTypes('chat', 'other', 'Ana');
    live.agentTypes('mail', 'room', 'Ana');
    one();
    live.agentTypes('chat', 'room', 'Bia');
    two();
    two();
    live.agentTypes('chat', 'room', 'Cia');
    expect(heard).toEqual(['one Ana', 'two Ana', 'two Bia']);
  });
});
