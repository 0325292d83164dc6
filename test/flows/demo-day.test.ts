/** The demo day, conversation by conversation, from the vendor to what the helpdesk holds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deskView } from '../support/desk-view.ts';
import { idsOf, type Journey, startJourney } from '../support/journey.ts';

let day: Journey;
beforeAll(async () => {
  day = await startJourney({ vendors: true });
});
afterAll(() => day.stop());

const { ticket, notes, requester, company } = deskView(() => day);

const fresh = { kind: 'new' as const };
const summary = 'Problema: parado\nFeito: reinício e troca de cabo\nFalta: visita técnica';

describe('1: Maria, two problems interleaved', () => {
  it('become two linked tickets, each with its own properties, with the shared message in both', async () => {
    const chat = await day.play(1);
    const proposal = await day.proposal(chat.id);
    expect(proposal.way).toBe('split');
    expect(proposal.parts.map(({ topic }) => topic)).toEqual(['catraca', 'impressora']);
    const shared = idsOf(chat, 'Oi Maria', 'reiniciei');
    const closing = await day.close(chat.id, {
      parts: [
        {
          key: 'p1',
          topic: 'catraca',
          target: fresh,
          title: 'Catraca não libera',
          summary,
          impact: 'parado',
          outcome: { status: 'visita-presencial', date: '2026-11-25' },
          messages: [...idsOf(chat, 'a catraca'), ...shared],
        },
        {
          key: 'p2',
          topic: 'impressora',
          target: fresh,
          title: 'Impressora do totem parada',
          summary,
          impact: 'contorno',
          outcome: { status: 'pendente' },
          messages: [...idsOf(chat, 'e a impressora'), ...shared],
        },
      ],
    });
    expect(closing.tickets).toHaveLength(2);
    const [first, second] = closing.tickets.map(({ id }) => ticket(id));
    expect(first).toMatchObject({
      subject: 'Catraca não libera',
      status: 8,
      priority: 3,
      group_id: 903,
      custom_fields: { cf_produto: 'Catraca', cf_data_retorno: '2026-11-25' },
    });
    expect(second).toMatchObject({
      subject: 'Impressora do totem parada',
      status: 3,
      priority: 2,
      group_id: 901,
      custom_fields: { cf_produto: 'Totem', cf_data_retorno: '2026-11-23' },
    });
    expect(first?.description).toContain('reiniciei e nada');
    expect(second?.description).toContain('reiniciei e nada');
    expect(first?.description).not.toContain('impressora');
    expect(second?.description).not.toContain('a catraca não libera');
    expect(first?.summary).toContain(`/a/tickets/${second?.id}`);
    expect(second?.summary).toContain(`/a/tickets/${first?.id}`);
    expect(requester(first?.requester_id ?? 0)?.name).toBe('Maria Souza');
    expect(first?.description).not.toContain('visita técnica');
  });
});

describe('2: Carlos, people enter unpaid and nobody knows the date of the visit', () => {
  it('becomes urgent and a visit to be agreed, told to the scheduler, due the next working day', async () => {
    const chat = await day.play(2);
    const part = {
      key: 'p1',
      topic: 'catraca',
      target: fresh,
      title: 'Catraca livre',
      summary,
      impact: 'catraca-livre',
      outcome: { status: 'visita-presencial', date: 'to-be-agreed' },
      messages: idsOf(chat, 'a catraca', 'Vamos mandar'),
    } as const;
    const plan = await day.preview(chat.id, { covers: chat.messageList.at(-1)?.id ?? '', parts: [{ ...part, messages: [...part.messages] }] });
    expect(plan.lines).toContainEqual({ part: 'p1', key: 'notify', values: { who: 'agenda-de-visitas' } });
    const closing = await day.close(chat.id, { parts: [{ ...part, messages: [...part.messages] }] });
    // Friday is a holiday; Saturday takes what is urgent, by those who are on call then.
    expect(ticket(closing.tickets[0]?.id)).toMatchObject({ status: 8, priority: 4, group_id: 904, custom_fields: { cf_data_retorno: '2026-11-21' } });
  });
});

describe('3: Júlia of Micro University, for a gym of ifitness, naming another gym in passing', () => {
  it('is filed under the served gym and its title', async () => {
    const chat = await day.play(3);
    const [served, micro] = [await day.company('Fit Prime'), await day.company('Micro University')];
    expect(chat.company?.id).toBe(micro);
    const part = {
      key: 'p1',
      topic: 'finger',
      target: fresh,
      title: 'Finger apagado',
      summary,
      impact: 'parado',
      outcome: { status: 'pendente' },
      messages: idsOf(chat, 'Oi, o finger', 'é igual', 'Troca', 'troquei'),
    };
    const asked = await day.preview(chat.id, { covers: chat.messageList.at(-1)?.id ?? '', parts: [part] });
    expect(asked.missing.map(({ field }) => field)).toEqual(['served']);
    const closing = await day.close(chat.id, { parts: [{ ...part, served }] });
    expect(ticket(closing.tickets[0]?.id)).toMatchObject({ subject: 'Fit Prime - Finger apagado', custom_fields: { cf_produto: 'Finger' } });
  });
});

describe('4 and 5: Ana answers our contact, then writes again', () => {
  /** Long enough for the customer to have finished writing. */
  const silence = 2 * 60_000;
  it('is appended, still waiting for her, due Thursday; and must not resolve', async () => {
    const chat = await day.play(4);
    const old = day.seeded['sem-energia'] ?? '';
    const proposal = await day.proposal(chat.id);
    expect(proposal).toMatchObject({ way: 'append', candidates: [{ id: old, preselect: true }] });
    const before = notes(old).length;
    await day.close(chat.id, {
      parts: [
        {
          key: 'p1',
          topic: 'catraca',
          target: { kind: 'append', ticket: { helpdesk: 'freshdesk-br', id: old }, status: 'outcome' },
          summary: 'Ana avisou: o eletricista só vem na quinta.',
          outcome: { status: 'esperando-cliente', date: '2026-11-26' },
          messages: idsOf(chat, 'Oi Ana', 'eletricista'),
        },
      ],
    });
    expect(ticket(old)).toMatchObject({ status: 6, custom_fields: { cf_data_retorno: '2026-11-26' } });
    const added = notes(old).slice(before);
    expect(added).toHaveLength(1);
    expect(added[0]).toMatchObject({ private: true });
    expect(added[0]?.body).toContain('eletricista só quinta');
  });

  it('a courtesy 20 minutes later becomes a note, and nothing reopens', async () => {
    const old = day.seeded['sem-energia'] ?? '';
    const before = notes(old).length;
    day.advance(20 * 60_000);
    const late = await day.play(5, ['m3']);
    expect(late).toMatchObject({ state: 'open', messages: 1 });
    day.advance(silence);
    await expect.poll(() => notes(old).length, { timeout: 15_000 }).toBe(before + 1);
    expect(notes(old).at(-1)).toMatchObject({ private: true, body: expect.stringContaining('obrigada! 🙏') });
    expect(ticket(old)).toMatchObject({ status: 6, custom_fields: { cf_data_retorno: '2026-11-26' } });
    expect(await day.detail(late.id)).toMatchObject({ state: 'ended', filed: true });
  });

  it('what is more than a courtesy reopens the ticket', async () => {
    const old = day.seeded['sem-energia'] ?? '';
    const before = notes(old).length;
    const late = await day.play(5, ['m4']);
    day.advance(silence);
    await expect.poll(() => ticket(old).status, { timeout: 15_000 }).toBe(3);
    expect(notes(old)).toHaveLength(before + 1);
    expect(notes(old).at(-1)?.body).toContain('obrigada, mas travou de novo');
    expect(ticket(old).custom_fields.cf_data_retorno).toBe('2026-11-23');
    expect(await day.detail(late.id)).toMatchObject({ state: 'ended', filed: true });
  });
});

describe('9: Marcelo owns two gyms and has one phone', () => {
  it('gets two tickets, one for each company', async () => {
    const chat = await day.play(9);
    const [centro, sul] = [await day.company('Corpo Vivo Centro'), await day.company('Corpo Vivo Sul')];
    expect(chat.contactDetail.companies.map(({ name }) => name).sort()).toEqual(['Corpo Vivo Centro', 'Corpo Vivo Sul']);
    const closing = await day.close(chat.id, {
      parts: [
        {
          key: 'p1',
          topic: 'finger',
          target: fresh,
          company: sul,
          title: 'Finger apagado',
          summary,
          impact: 'parado',
          outcome: { status: 'pendente' },
          messages: idsOf(chat, 'o finger'),
        },
        {
          key: 'p2',
          topic: 'sistema',
          target: fresh,
          company: centro,
          title: 'Boleto não chegou',
          summary,
          impact: 'duvida',
          outcome: { status: 'pendente' },
          messages: idsOf(chat, 'e o boleto'),
        },
      ],
    });
    const [first, second] = closing.tickets.map(({ id }) => ticket(id));
    expect([company(first?.company_id ?? null), company(second?.company_id ?? null)]).toEqual(['Corpo Vivo Sul', 'Corpo Vivo Centro']);
    expect(first?.requester_id).toBe(second?.requester_id);
    expect([first?.group_id, second?.group_id]).toEqual([904, 902]);
  });
});

describe('11: Bruna asks how to do something, in the widget', () => {
  it('is a ticket, low and resolved, not "no ticket"', async () => {
    const chat = await day.play(11);
    expect((await day.proposal(chat.id)).way).toBe('new');
    const closing = await day.close(chat.id, {
      parts: [
        {
          key: 'p1',
          topic: 'sistema',
          target: fresh,
          title: 'Como exportar o relatório de presença',
          summary: 'Problema: dúvida\nFeito: explicado o caminho\nFalta: nada',
          impact: 'duvida',
          outcome: { status: 'resolvido' },
          messages: idsOf(chat, 'como exporto', 'Em Relatórios'),
        },
      ],
    });
    const made = ticket(closing.tickets[0]?.id);
    expect(made).toMatchObject({ status: 4, priority: 1, group_id: 902 });
    expect(made.description).toContain('Em Relatórios, Presença, Exportar.');
    expect(requester(made.requester_id)?.name).toBe('Bruna');
  });
});

describe('12: somebody wants the pizzeria', () => {
  it('ends as a wrong number, and no contact is made at the helpdesk', async () => {
    const chat = await day.play(12);
    const before = [day.freshdesk.state.contacts.length, day.freshdesk.state.tickets.length];
    const closing = await day.close(chat.id, { none: { reason: 'wrong-number' } });
    expect(closing).toMatchObject({ none: 'wrong-number', tickets: [], deliveries: [] });
    expect([day.freshdesk.state.contacts.length, day.freshdesk.state.tickets.length]).toEqual(before);
    expect(await day.detail(chat.id)).toMatchObject({ state: 'ended', filed: true });
  });
});
