/** Zendesk against its simulator: the contract of every helpdesk, and what is Zendesk's own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Identity, InternalText, OpenOperation, TicketRef, TicketValues } from '../../src/kit/index.ts';
import { describeHelpdesk, samples } from '../../test/contract/helpdesk.ts';
import { memoryJournal, testStep } from '../../test/support/context.ts';
import { createClient } from './client.ts';
import { fitComment, markerLine, maxCommentBytes } from './comment.ts';
import zendesk from './index.ts';
import { settings as schema } from './settings.ts';
import { oneTicket } from './shapes.ts';
import {
  appendSample,
  type Bench,
  beforeNextWrite,
  bench,
  callsOf,
  impatiently,
  numbers,
  on,
  openSample,
  run,
  seeded,
  ticketOf,
  writes,
} from './test-account.ts';

const suite = { capabilities: zendesk.capabilities, network: true };

describeHelpdesk({ ...suite, name: 'Zendesk', make: ({ timeoutMs }) => bench({}, {}, timeoutMs) });

describe('where metadata cannot be read back', () => {
  describeHelpdesk({ ...suite, name: 'Zendesk, marking by a last line', make: ({ timeoutMs }) => bench({}, { commentMetadata: false }, timeoutMs) });
});

const phone: Identity = { kind: 'phone', value: '+5511999990001', verified: true };
const phoneOnly = (under: Bench): OpenOperation => openSample(under, { requester: { contact: 'contact-1', name: 'Carlos', identities: [phone] } });

type Act = (under: Bench) => Promise<unknown>;

async function splitInThree(under: Bench): Promise<void> {
  const tickets: TicketRef[] = [];
  for (let i = 0; i < 3; i++) tickets.push((await run(under, openSample(under))).ticket);
  const notes = tickets.map(({ number }): InternalText => ({ kind: 'internal', blocks: [{ type: 'paragraph', text: `with #${number}` }] }));
  await run(under, { kind: 'link', id: openSample(under).id, revision: 1, tickets, notes });
  for (const ticket of tickets) expect(ticketOf(under, ticket).comments.map((each) => each.public)).toEqual([false, false]);
}

const ways: readonly (readonly [string, number, Act])[] = [
  ['a new ticket', 1, (under) => run(under, openSample(under))],
  ['append and resolve', 1, (under) => run(under, samples(under)['append-and-resolve'].operation)],
  ['a split in three', 4, splitInThree],
  ['a new ticket for an unknown phone', 2, (under) => run(under, phoneOnly(under))],
];

describe('calls that change something', () => {
  it.each(ways)('are counted: %s takes %i', async (_way, calls, act) => {
    await on(async (under) => {
      await act(under);
      expect(writes(under)).toHaveLength(calls);
      expect(under.simulator.state.mails).toEqual([]);
      // A key that the vendor drops would be named here.
      expect(under.warnings).toEqual([]);
    });
  });
});

describe('a new ticket', () => {
  it('has one internal comment of ours with note and transcript, and carries its requester', async () => {
    await on(async (under) => {
      const { ticket } = await run(under, openSample(under));
      const held = ticketOf(under, ticket);
      expect(held.comments).toMatchObject([{ public: false, author_id: under.simulator.state.acting.id }]);
      expect(held.comments[0]?.plain).toContain('a catraca não libera ninguém');
      expect(held.external_id).toBeTruthy();
      expect(under.simulator.state.users.get(held.requester_id)).toMatchObject({ name: 'Maria Souza', external_id: null });
    });
  });

  it('reuses a person who is known by phone under our contact’s id, and never invents an address', async () => {
    await on(async (under) => {
      const operation = phoneOnly(under);
      const { ticket } = await run(under, operation);
      expect(under.simulator.state.users.get(ticketOf(under, ticket).requester_id)).toMatchObject({
        external_id: 'contact-1',
        email: null,
        phone: phone.value,
      });
      await run(under, phoneOnly(under));
      expect([...under.simulator.state.users.values()].filter(({ name }) => name === 'Carlos')).toHaveLength(1);
      expect(await under.connect().findRequester([], 'contact-1')).toMatchObject({ name: 'Carlos', email: null });
    });
  });

  it('is looked up, not sent again, when its key has ended', async () => {
    await on(async (under) => {
      const [operation, journal] = [openSample(under), memoryJournal()];
      under.simulator.dials.set({ kind: 'reset', when: 'after' }, { method: 'POST', path: /\/tickets$/ });
      await expect(under.connect().run(operation, testStep(journal, under.clock.now))).rejects.toMatchObject({ effect: 'unclear' });
      under.clock.advance(3 * 3600_000);
      const { ticket } = await run(under, operation, journal);
      expect(under.places(operation.subject)).toEqual([`ticket ${ticket.id}`]);
      expect(writes(under)).toHaveLength(1);
    });
  });

  it('is looked up, not sent again, once the vendor was seen to ignore keys', async () => {
    await on(
      async (under) => {
        const helpdesk = under.connect();
        await helpdesk.run(openSample(under), testStep(memoryJournal(), under.clock.now));
        const [operation, journal] = [openSample(under), memoryJournal()];
        under.simulator.dials.set({ kind: 'reset', when: 'after' }, { method: 'POST', path: /\/tickets$/ });
        await expect(helpdesk.run(operation, testStep(journal, under.clock.now))).rejects.toMatchObject({ effect: 'unclear' });
        under.clock.advance(60_000);
        await helpdesk.run(operation, testStep(journal, under.clock.now));
        expect(writes(under)).toHaveLength(2);
        expect(under.places(operation.subject)).toHaveLength(1);
      },
      {},
      { idempotency: false },
    );
  });

  it('that is answered 409 although it was made is found', async () => {
    await on(async (under) => {
      const operation = openSample(under);
      under.simulator.dials.set({ kind: 'error', when: 'after', status: 409 }, { method: 'POST', path: /\/tickets$/ });
      const { ticket } = await under.connect().run(operation, testStep(memoryJournal(), under.clock.now));
      expect(under.places(operation.subject)).toEqual([`ticket ${ticket.id}`]);
    });
  });

  it('takes a transcript that is too long as a file', async () => {
    await on(async (under) => {
      const entries = Array.from({ length: 900 }, (_, i) => ({
        at: i * 1000,
        author: 'Maria',
        role: 'contact' as const,
        text: `linha ${i} ${'é'.repeat(60)}`,
        files: [],
      }));
      const description = { kind: 'public', blocks: [{ type: 'transcript', zone: 'UTC', locale: 'pt-BR', entries }] } as const;
      const { ticket } = await run(under, openSample(under, { description }));
      const [comment] = ticketOf(under, ticket).comments;
      expect(Buffer.byteLength(comment?.html ?? '')).toBeLessThan(maxCommentBytes);
      expect(comment?.attachments.map(({ file_name }) => file_name)).toEqual(['transcript.txt']);
      expect(comment?.attachments[0]?.bytes.toString()).toContain('linha 899');
    });
  });

  it('uploads a file again only when its token has grown too old', async () => {
    await on(async (under) => {
      const file = { ...(await under.blobs.put(Buffer.from('photo'))), name: 'foto.jpg', mime: 'image/jpeg' };
      const [operation, journal] = [openSample(under, { files: [file] }), memoryJournal()];
      const attempt = () => under.connect().run(operation, testStep(journal, under.clock.now));
      const uploads = () => writes(under).filter(({ path }) => path.endsWith('/uploads')).length;
      under.simulator.dials.set({ kind: 'rate-limited', retryAfterSeconds: 9 }, { path: /\/tickets$/, times: 2 });
      await expect(attempt()).rejects.toMatchObject({ code: 'rate-limited', retry: { afterMs: 9000 } });
      await expect(attempt()).rejects.toMatchObject({ code: 'rate-limited' });
      expect(uploads()).toBe(1);
      under.clock.advance(4 * 86_400_000);
      const { ticket } = await attempt();
      expect(uploads()).toBe(2);
      expect(ticketOf(under, ticket).comments[0]?.attachments).toMatchObject([{ file_name: 'foto.jpg', size: 5 }]);
    });
  });
});

describe('a suspended requester', () => {
  const details: readonly (readonly [string, { description: string }])[] = [
    ['requester', { description: 'Requester: Maria is suspended.' }],
    ['base', { description: 'Solicitante: Maria está suspenso.' }],
  ];
  const known = (under: Bench, email: string): OpenOperation =>
    openSample(under, { requester: { contact: 'contact-2', name: 'Maria', identities: [{ kind: 'email', value: email, verified: true }] } });

  it.each(details)('is named in plain words, by address and by id, whatever Zendesk says about "%s"', async (...suspended) => {
    await on(
      async (under) => {
        const maria = [...under.simulator.state.users.values()].find(({ name }) => name === 'Maria');
        Object.assign(maria ?? {}, { suspended: true });
        const byAddress = known(under, 'Maria@corpovivo.example');
        for (const operation of [byAddress, { ...byAddress, id: openSample(under).id, requester: { ...byAddress.requester, known: String(maria?.id) } }]) {
          const refused = expect(run(under, operation)).rejects;
          await refused.toMatchObject({ code: 'refused', field: 'requester', retry: 'never', effect: 'none' });
          await refused.toThrow(`Maria is suspended in Zendesk, which takes no ticket for them. Lift the suspension`);
        }
        Object.assign(maria ?? {}, { suspended: false });
        expect((await run(under, byAddress)).ticket.id).toBeTruthy();
      },
      {},
      { suspended },
    );
  });

  it('is not blamed for what is wrong with another field, nor is one who is not suspended', async () => {
    await on(async (under) => {
      const [maria] = [...under.simulator.state.users.values()].filter(({ name }) => name === 'Maria');
      Object.assign(maria ?? {}, { suspended: true });
      const about = (field: string) => JSON.stringify({ error: 'RecordInvalid', details: { [field]: [{ description: 'no' }] } });
      const refuse = (field: string) =>
        under.simulator.dials.set({ kind: 'answer', status: 422, type: 'application/json', body: about(field) }, { method: 'POST', path: /\/tickets$/ });
      refuse('subject');
      await expect(run(under, known(under, 'maria@corpovivo.example'))).rejects.toMatchObject({ field: 'subject' });
      refuse('requester');
      await expect(run(under, known(under, 'nobody@corpovivo.example'))).rejects.toThrow('Zendesk: no');
    });
  });
});

describe('appending', () => {
  it('reads a ticket again that somebody changed in between, and keeps their tags', async () => {
    await on(async (under) => {
      const [ref] = under.tickets;
      const values: TicketValues = { status: seeded.waiting, tags: ['nova'], fields: { Produto: 'produto_totem' } };
      const { id, ...rest } = appendSample(under, { values });
      beforeNextWrite(under, () => Object.assign(ticketOf(under, ref), { tags: ['antiga', 'deles'], updated_at: under.clock.now() }));
      await run(under, { id, ...rest });
      const held = ticketOf(under, ref);
      expect(held).toMatchObject({ status: 'pending', custom_status_id: Number(seeded.waiting), tags: ['antiga', 'deles', 'nova'] });
      expect(held.custom_fields.get(Number(seeded.product))).toBe('produto_totem');
      expect(held.comments).toHaveLength(2);
      expect(await numbers(under, { number: ref.number })).toEqual([ref.number]);
      expect((await under.connect().ticket(ref.id)).status).toBe(seeded.waiting);
    });
  });

  it.each(['en', 'pt'])('to a ticket that is closed opens a linked follow-up, once (acting user speaks %s)', async (language) => {
    await on(
      async (under) => {
        const [ref] = under.tickets;
        const [operation, journal] = [appendSample(under), memoryJournal()];
        beforeNextWrite(under, () => Object.assign(ticketOf(under, ref), { status: 'closed' }));
        const result = await run(under, operation, journal);
        expect(result.via).toBe('follow-up');
        expect(await run(under, operation, journal)).toEqual(result);
        expect(ticketOf(under, result.ticket)).toMatchObject({ followup_of: Number(ref.id), external_id: operation.id });
        expect(ticketOf(under, ref)).toMatchObject({ followup_ids: [Number(result.ticket.id)] });
        expect(ticketOf(under, ref).comments).toHaveLength(1);
        expect(await under.connect().traces(operation, result)).toHaveLength(1);
        expect((await run(under, appendSample(under))).via).toBe('follow-up');
      },
      {},
      { language },
    );
  });

  it('that lands late, within the second of the ticket’s last change, is seen before it is sent again', async () => {
    await on(
      async (under) => {
        const [ref] = under.tickets;
        ticketOf(under, ref).updated_at = under.clock.now();
        const [{ operation, mark }, journal] = [samples(under).append, memoryJournal()];
        const attempt = () => under.connect().run(operation, testStep(journal, under.clock.now));
        under.simulator.dials.set({ kind: 'late' }, { method: 'PUT' });
        await expect(attempt()).rejects.toMatchObject({ effect: 'unclear' });
        await expect(attempt()).rejects.toMatchObject({ retry: { afterMs: 2000 } });
        expect(await under.simulator.dials.land()).toBe(1);
        under.clock.advance(2000);
        await attempt();
        expect(under.places(mark)).toHaveLength(1);
      },
      ...impatiently,
    );
  });

  it('names the field that a solve needs, and changes nothing', async () => {
    await on(
      async (under) => {
        const { id, ...rest } = appendSample(under, { values: under.values.resolve });
        await expect(run(under, { id, ...rest })).rejects.toMatchObject({ code: 'refused', field: seeded.product, effect: 'none' });
        expect(ticketOf(under, under.tickets[0])).toMatchObject({ status: 'open', comments: { length: 1 } });
        const required = (await under.connect().schema()).fields.find(({ name }) => name === seeded.productKey);
        expect(required).toMatchObject({ label: 'Produto', required: 'to-resolve' });
      },
      {},
      { requiredOnSolve: true },
    );
  });

  it('shows a marker only until metadata was read back, and always where it cannot be', async () => {
    for (const commentMetadata of [true, false])
      await on(
        async (under) => {
          const [first, second] = [appendSample(under), appendSample(under)];
          await run(under, first);
          await run(under, second);
          const texts = ticketOf(under, under.tickets[0]).comments.map(({ plain }) => plain);
          expect(texts[1]).toContain(markerLine(first.id));
          expect(texts[2]?.includes(markerLine(second.id))).toBe(!commentMetadata);
        },
        {},
        { commentMetadata },
      );
  });
});

describe('linking', () => {
  it.each(['reset', 'silence'] as const)('writes each note once although a ticket changed meanwhile and the answer was lost (%s)', async (kind) => {
    await on(
      async (under) => {
        const { operation, mark } = samples(under).link;
        beforeNextWrite(under, () => Object.assign(ticketOf(under, under.tickets[1]), { subject: 'Outra', updated_at: under.clock.now() }));
        under.simulator.dials.set({ kind, when: 'after' }, { path: /job_statuses/ });
        await run(under, operation);
        expect(under.places(mark)).toHaveLength(2);
        expect(under.tickets.map((ref) => ticketOf(under, ref).comments.length)).toEqual([2, 2]);
      },
      ...impatiently,
    );
  });

  it('waits for a job that runs late', async () => {
    await on(
      async (under) => {
        const { operation, mark } = samples(under).link;
        const stop = under.simulator.dials.watch((moment, { path }) => {
          if (moment === 'handled' && path.includes('job_statuses')) under.clock.advance(5000);
        });
        await run(under, operation);
        stop();
        expect(under.places(mark)).toHaveLength(2);
        expect(writes(under)).toHaveLength(1);
      },
      {},
      { jobsAfterMs: 5000 },
    );
  });
});

describe('values', () => {
  const at = Date.parse('2026-11-24T01:00:00Z');
  const due = (field: NonNullable<TicketValues['due']>['field']): TicketValues => ({ due: { at, zone: 'America/Sao_Paulo', field } });

  it.each([seeded.returnDate, 'Data de retorno', 'cf_data_retorno'])('keep a due date in the date field %s', async (custom) => {
    await on(async (under) => {
      const { ticket } = await run(under, openSample(under, { values: due({ custom }) }));
      expect((await under.connect().ticket(ticket.id)).fields[seeded.returnDateKey]).toBe('2026-11-23');
    });
  });

  it('keep a due date of its own on tasks alone', async () => {
    await on(async (under) => {
      const { ticket } = await run(under, openSample(under, { values: { ...due('due'), type: 'task' } }));
      expect((await under.connect().ticket(ticket.id)).due).toBe(at);
      await expect(run(under, openSample(under, { values: due('due') }))).rejects.toMatchObject({ code: 'refused', field: 'due' });
    });
  });

  it.each([
    ['status', { status: '9999' }],
    ['Cor', { fields: { Cor: 'azul' } }],
  ])('that Zendesk does not have are refused before anything is sent, naming %s', async (field, values) => {
    await on(async (under) => {
      await expect(run(under, openSample(under, { values }))).rejects.toMatchObject({ code: 'refused', field });
      expect(writes(under)).toEqual([]);
    });
  });

  it('know system statuses where an account has no custom ones', async () => {
    await on(
      async (under) => {
        const { statuses } = await under.connect().schema();
        expect(statuses.map(({ id, meaning }) => `${id}=${meaning}`)).toEqual([
          'new=new',
          'open=open',
          'pending=pending',
          'hold=hold',
          'solved=resolved',
          'closed=closed',
        ]);
        const { ticket } = await run(under, openSample(under, { values: { status: 'hold' } }));
        expect((await under.connect().ticket(ticket.id)).status).toBe('hold');
      },
      {},
      { customStatuses: false },
    );
  });
});

describe('credentials', () => {
  const tokens = (under: Bench) => callsOf(under).filter(({ path }) => path === '/oauth/tokens').length;

  it('are exchanged once for many calls at once, and again before the token ends', async () => {
    await on(async (under) => {
      const helpdesk = under.connect();
      await Promise.all(under.tickets.map(({ id }) => helpdesk.ticket(id)));
      expect(tokens(under)).toBe(1);
      under.clock.advance(86_400_000 - 60_000);
      await helpdesk.ticket(under.tickets[0].id);
      expect(tokens(under)).toBe(2);
    });
  });

  it('are exchanged anew when a token was revoked, for that one call', async () => {
    await on(async (under) => {
      const helpdesk = under.connect();
      await helpdesk.ticket(under.tickets[0].id);
      under.simulator.access.revoke();
      await helpdesk.ticket(under.tickets[0].id);
      expect(tokens(under)).toBe(2);
    });
  });

  it('that are wrong, or too small, are said so, also where Zendesk answers 200 as Anonymous', async () => {
    await on(async (under) => expect(under.connect().health()).rejects.toMatchObject({ code: 'unauthorized' }), {
      oauth: { clientId: 'deskbridge', clientSecret: 'no' },
    });
    const apiToken = { email: 'ana@example.com', token: 'legacy' };
    await on(async (under) => expect(under.connect().health()).rejects.toThrow('Anonymous'), { oauth: undefined, apiToken });
    await on(async (under) => expect(under.connect().ticket('1')).rejects.toMatchObject({ code: 'forbidden' }), {
      oauth: { clientId: 'deskbridge', clientSecret: 'simulated-client-secret', scope: 'tickets:reed' },
    });
    await on(async (under) => expect((await under.connect().health()).detail).toContain('acts as Deskbridge (admin)'));
  });

  it('of the legacy kind still work', async () => {
    const apiToken = { email: 'ana@example.com', token: 'legacy' };
    const credentials = { clientId: 'x', clientSecret: 'y', apiToken };
    await on(async (under) => expect((await run(under, openSample(under))).ticket.id).toBeTruthy(), { oauth: undefined, apiToken }, { credentials });
    expect(schema.safeParse({ address: 'https://a.zendesk.com' }).success).toBe(false);
    expect(schema.safeParse({ address: 'https://a.zendesk.com', apiToken, oauth: { clientId: 'a', clientSecret: 'b' } }).success).toBe(false);
  });
});

describe('answers', () => {
  it('tell the budgets of the account and of updates', async () => {
    await on(async (under) => {
      await run(under, appendSample(under));
      const last = (lane: string) => under.budgets.findLast((report) => report.lane === lane);
      expect(last('account')).toMatchObject({ limit: 700, resetAt: under.clock.now() + 60_000 });
      expect(last('update')).toEqual({ lane: 'update', limit: 100, remaining: 99, resetAt: under.clock.now() + 60_000 });
      expect(new Set(under.budgets.map(({ lane }) => lane))).toEqual(new Set(['account', 'update']));
    });
  });

  it('that name a dropped key are logged', async () => {
    await on(async (under) => {
      const body = { ticket: { subject: 'x', Priority: 'high', comment: { body: 'y', public: false } } };
      await createClient(under.context).call({ method: 'POST', path: '/tickets', body }, oneTicket);
      expect(JSON.stringify(under.warnings)).toContain('ticket.Priority');
    });
  });
});

describe('people and lists', () => {
  const claimed = (kind: Identity['kind'], value: string): Identity => ({ kind, value, verified: false });

  it('find a requester by exact address or phone with their company, and nobody when a phone is shared', async () => {
    await on(async (under) => {
      const helpdesk = under.connect();
      const maria = { name: 'Maria', company: { name: 'Academia Corpo Vivo' } };
      expect(await helpdesk.findRequester([claimed('email', 'MARIA@corpovivo.example')], 'nobody')).toMatchObject(maria);
      expect(await helpdesk.findRequester([claimed('phone', '+551130001000')], 'nobody')).toMatchObject(maria);
      expect(await helpdesk.findRequester([claimed('email', 'aria@corpovivo.example'), claimed('account', 'x')], 'nobody')).toBeUndefined();
      under.simulator.addUser({ name: 'Téo', phone: '+551130001000' });
      expect(await helpdesk.findRequester([claimed('phone', '+551130001000')], 'nobody')).toBeUndefined();
      expect(await helpdesk.findCompanies('academia')).toMatchObject([{ name: 'Academia Corpo Vivo' }]);
    });
  });

  it('list a company’s tickets, and what changed also where the export is forbidden', async () => {
    await on(async (under) => {
      const both = under.tickets.map(({ number }) => number);
      const [company] = await under.connect().findCompanies('Academia');
      expect(await numbers(under, { company: company?.id ?? '' })).toEqual(both);
      expect(await numbers(under, { company: company?.id ?? '', since: under.clock.now() })).toEqual([]);
      expect(await numbers(under, { changedSince: 0 })).toEqual(both);
      under.simulator.dials.set({ kind: 'answer', status: 403, type: 'application/json', body: '{"error":"Forbidden"}' }, { path: /incremental/ });
      expect(await numbers(under, { changedSince: 0 })).toEqual(both);
      expect(await numbers(under, { words: 'status:closed -catraca "impressora' })).toEqual([]);
      expect(await numbers(under, { words: '-catraca' })).toEqual([under.tickets[0].number]);
    });
  });

  it('read every page of a long ticket, whose links always name a next one', async () => {
    await on(async (under) => {
      const [ref] = under.tickets;
      const [first] = ticketOf(under, ref).comments;
      if (first) for (let i = 0; i < 249; i++) ticketOf(under, ref).comments.push({ ...first, id: 50_000 + i });
      expect((await under.connect().ticket(ref.id)).entries).toHaveLength(250);
    });
  });
});

describe('a comment', () => {
  // Long texts are short ones repeated: drawing them letter by letter takes minutes.
  const text = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.integer({ min: 1, max: 2500 })).map(([word, times]) => word.repeat(times));

  it('always fits, ends with its marker, and leaves nothing out that is not in the file', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (texts) => {
        const { html, overflow } = fitComment({ kind: 'internal', blocks: texts.map((each) => ({ type: 'paragraph', text: each })) }, '[marker]');
        expect(Buffer.byteLength(html)).toBeLessThanOrEqual(maxCommentBytes);
        expect(html.endsWith('<p>[marker]</p>')).toBe(true);
        if (overflow !== undefined) for (const each of texts) expect(overflow).toContain(each);
      }),
      { numRuns: 40 },
    );
  });
});
