/** A split in three, with one create that times out before its effect and one after: three tickets, no more and no less. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { idsOf, type Journey, startJourney } from '../support/journey.ts';

let day: Journey;
beforeAll(async () => {
  day = await startJourney({ config: { call_seconds: 2 } });
});
afterAll(() => day.stop());

const part = (key: string, topic: string, title: string, helpdesk: string, messages: string[]) => ({
  key,
  topic,
  target: { kind: 'new' as const, helpdesk },
  title,
  summary: `Problema: ${title}\nFeito: reinício\nFalta: visita`,
  impact: 'contorno',
  outcome: { status: 'pendente' },
  messages,
});

it.concurrent.each([
  ['freshdesk-br', 'freshchat'],
  ['zendesk-br', 'utalk'],
])(
  'ends as three tickets that point at each other, at %s by %s',
  async (helpdesk, channel) => {
    const texts = ['a catraca não libera', 'o finger apagou', 'a impressora do totem parou'];
    const conversation = `split-${helpdesk}`;
    const from = {
      id: conversation,
      role: 'contact',
      name: 'Maria Souza',
      email: 'maria@corpovivo.example',
      phone: '+5511930001001',
      company: 'Academia Corpo Vivo',
    };
    const events = texts.map((text, index) => ({ type: 'message', conversation, id: `${conversation}-${index}`, at: Date.now() + index, from, text }));
    await day.post(channel, { events });
    const chat = await day.detail((await day.inbox(channel))[0]?.id ?? '');
    const { dials } = helpdesk === 'freshdesk-br' ? day.freshdesk : day.zendesk;
    const creates = { method: 'POST', path: /\/tickets(\.json)?$/ } as const;
    dials.set({ kind: 'silence', when: 'before' }, { ...creates, skip: 1 });
    dials.set({ kind: 'silence', when: 'after' }, { ...creates, skip: 1 });
    const [turnstile = '', reader = '', printer = ''] = idsOf(chat, ...texts);
    const closing = await day.commit(chat.id, {
      parts: [
        part('p1', 'catraca', 'Catraca não libera', helpdesk, [turnstile]),
        part('p2', 'finger', 'Finger apagado', helpdesk, [reader]),
        part('p3', 'impressora', 'Impressora do totem parada', helpdesk, [printer]),
      ],
    });
    const progress = async () => (await day.call<{ progress: string }>('GET', `/api/closings/${closing.id}`)).body.progress;
    await expect.poll(progress, { timeout: 60_000, interval: 200 }).toBe('done');
    expect(dials.calls.filter(({ fault }) => fault === 'silence')).toHaveLength(2);
    const done = await day.settled(closing.id);
    expect(new Set(done.tickets.map(({ id }) => id)).size).toBe(3);
    const subjects = ['Catraca não libera', 'Finger apagado', 'Impressora do totem parada'];
    const held =
      helpdesk === 'freshdesk-br'
        ? day.freshdesk.state.tickets.map(({ subject, id }) => ({ subject, id }))
        : [...day.zendesk.state.tickets.values()].map(({ subject, id }) => ({ subject, id }));
    expect(
      held
        .filter(({ id }) => !Object.values(day.seeded).includes(String(id)))
        .map(({ subject }) => subject)
        .sort(),
    ).toEqual(subjects);
  },
  90_000,
);
