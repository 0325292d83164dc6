/** The demo day's conversations with files, a shared telephone, an end without a ticket, and a technician in Slack; by the vendors, made up. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Dialog } from '../../connectors/slack/simulator/person.ts';
import type { SimulatedSlack } from '../../connectors/slack/simulator.ts';
import { deskView } from '../support/desk-view.ts';
import { idsOf, type Journey, startJourney } from '../support/journey.ts';

let day: Journey;
beforeAll(async () => {
  day = await startJourney({ vendors: true, settings: { hold_seconds: 0 } });
});
afterAll(() => day.stop());
const { ticket, notes, requester } = deskView(() => day);
const fresh = { kind: 'new' as const };
const append = (id: string, status: 'keep' | 'outcome') => ({ kind: 'append' as const, ticket: { helpdesk: 'freshdesk-br', id }, status });
const soon = { timeout: 15_000, interval: 50 };

describe('6: Rogério, one audio and “entendeu?”', () => {
  it('is titled by the agent, with the audio attached and marked as not transcribed', async () => {
    const chat = await day.play(6);
    const [audio] = chat.messageList;
    expect(audio?.files).toMatchObject([{ mime: 'audio/ogg', state: 'stored' }]);
    const closing = await day.close(chat.id, {
      parts: [
        {
          key: 'p1',
          target: fresh,
          title: 'Catraca trava quando chove',
          summary: 'Problema: ouvi o áudio, a catraca trava\nFeito: nada\nFalta: visita',
          impact: 'contorno',
          outcome: { status: 'pendente' },
          messages: [audio?.id ?? '', ...idsOf(chat, 'entendeu?')],
        },
      ],
    });
    const made = ticket(closing.tickets[0]?.id);
    expect(made.subject).toBe('Catraca trava quando chove');
    expect(requester(made.requester_id)?.name).toBe('Rogério');
    const attached = [...made.attachments, ...notes(String(made.id)).flatMap(({ attachments }) => attachments)];
    expect(attached.filter(({ name }) => name.endsWith('.ogg'))).toHaveLength(1);
    expect(made.description).toMatch(/não transcrito/);
  });
});

describe('7: Pati, three photos of error E-07, one after the closing', () => {
  const photos = (id: string): number =>
    [...ticket(id).attachments, ...notes(id).flatMap(({ attachments }) => attachments)].filter(({ name }) => name.endsWith('.jpg')).length;

  it('adds the photos to the ticket and keeps its status; the late one comes to the same ticket, once', async () => {
    const old = day.seeded['erro-e07'] ?? '';
    const chat = await day.play(7);
    const status = ticket(old).status;
    await day.close(chat.id, {
      parts: [
        {
          key: 'p1',
          target: append(old, 'keep'),
          summary: 'Pati mandou fotos do erro E-07 no totem.',
          messages: chat.messageList.map(({ id }) => id),
        },
      ],
    });
    expect(photos(old)).toBe(2);
    const late = await day.play(7, ['m3']);
    day.advance(2 * 60_000);
    await expect.poll(() => photos(old), soon).toBe(3);
    await expect.poll(async () => (await day.detail(late.id)).filed, soon).toBe(true);
    expect(photos(old)).toBe(3);
    expect(ticket(old).subject).toBe('Totem mostra erro E-07');
    expect([status, 3]).toContain(ticket(old).status);
  });
});

describe('10: the reception of Smart Body, one telephone and two people', () => {
  it('adds to the gym’s ticket and resolves it; who asked first stays the requester', async () => {
    const old = day.seeded['smart-catraca'] ?? '';
    const before = ticket(old).requester_id;
    const chat = await day.play(10);
    expect(chat.contact.name).toBe('Téo');
    const { candidates } = await day.proposal(chat.id);
    expect(candidates[0]).toMatchObject({ id: old });
    await day.close(chat.id, {
      parts: [
        {
          key: 'p1',
          target: append(old, 'outcome'),
          summary: 'Téo avisou: a catraca voltou a funcionar.',
          outcome: { status: 'resolvido' },
          messages: chat.messageList.map(({ id }) => id),
        },
      ],
    });
    expect(ticket(old)).toMatchObject({ status: 4, requester_id: before });
    expect(requester(before)?.name).toBe('Lúcia');
    expect(notes(old).at(-1)).toMatchObject({ private: true, body: expect.stringContaining('voltou a funcionar') });
  });
});

describe('13: Diego, ended in Freshchat without a ticket', () => {
  it('stands among those without a ticket, and is filed as pending for Monday, because Friday is a holiday', async () => {
    const chat = await day.play(13);
    const unfiled = await day.call<{ items: { id: string }[] }>('GET', '/api/conversations?view=unfiled');
    expect(unfiled.body.items.map(({ id }) => id)).toContain(chat.id);
    const closing = await day.close(chat.id, {
      parts: [
        {
          key: 'p1',
          topic: 'catraca',
          target: fresh,
          title: 'Catraca trava de vez em quando',
          summary: 'Problema: trava às vezes\nFeito: pedido um vídeo\nFalta: o vídeo',
          impact: 'contorno',
          outcome: { status: 'pendente' },
          messages: chat.messageList.map(({ id }) => id),
        },
      ],
    });
    expect(ticket(closing.tickets[0]?.id)).toMatchObject({ status: 3, custom_fields: { cf_data_retorno: '2026-11-23' } });
    const left = await day.call<{ items: { id: string }[] }>('GET', '/api/conversations?view=unfiled');
    expect(left.body.items.map(({ id }) => id)).not.toContain(chat.id);
  });
});

describe('14: a technician in Slack', () => {
  async function technician(): Promise<void> {
    const made = await day.call<{ link: string }>('POST', '/api/agents', { name: 'Beto Reis', email: 'beto@sandbox.example', role: 'agent' });
    const token = made.body.link.slice(made.body.link.lastIndexOf('/') + 1);
    const joined = await day.call('POST', `/api/setup/${token}`, {
      name: 'Beto Reis',
      email: 'beto@sandbox.example',
      password: 'uma senha bem comprida',
      locale: 'pt-BR',
    });
    expect(joined.status).toBe(204);
  }

  it('adds to the ticket of Iron Gym from the shortcut, and resolves it', async () => {
    await technician();
    const carlos = await day.play(2);
    const visit = await day.close(carlos.id, {
      parts: [
        {
          key: 'p1',
          topic: 'catraca',
          target: fresh,
          title: 'Catraca livre',
          summary: 'Problema: gente entra sem pagar\nFeito: nada\nFalta: visita',
          impact: 'catraca-livre',
          outcome: { status: 'visita-presencial', date: 'to-be-agreed' },
          messages: idsOf(carlos, 'a catraca', 'Vamos mandar'),
        },
      ],
    });
    const { id = '', number = '' } = visit.tickets[0] ?? {};
    const slack = day.vendors.get('slack') as SimulatedSlack;
    await day.play(14);
    const beto = slack.person({ id: 'beto', name: 'Beto Reis', email: 'beto@sandbox.example' });
    const [message] = slack.shown('demo-14', { id: 'beto', name: 'Beto Reis', email: 'beto@sandbox.example' });
    await beto.shortcut(slack.place(message?.id ?? ''));
    const form = await vi.waitFor((): Dialog => {
      const found = beto.dialog();
      if (!found?.inputs.includes('way')) throw new Error(`no form yet: ${found?.text ?? 'nothing'}`);
      return found;
    }, soon);
    await form.fill('way', 'Acrescentar a um ticket');
    await vi.waitFor(() => expect(form.inputs).toContain('0:found'), soon);
    const [found = ''] = await form.search('0:found', number);
    expect(found).toContain('Catraca livre');
    await form.fill('0:found', found);
    await form.fill('0:resolve', ['Resolver o ticket junto']);
    await form.fill('0:summary', 'Troquei a placa da catraca na Iron Gym.');
    await form.submit();
    await form.submit();
    await expect.poll(() => ticket(id).status, soon).toBe(4);
    expect(notes(id).at(-1)?.body).toContain('troquei a placa na Iron Gym');
  });
});
