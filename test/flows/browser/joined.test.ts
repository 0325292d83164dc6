/** What the console says of a mail that was joined, of a stranger who writes a ticket's number, and of a reply that bounced. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { InboundEvent, MessageEvent } from '../../../src/kit/index.ts';
import { browserMissing, browserTitle, openBrowser, picture } from '../../support/browser.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { type ToyChannel, toyChannel } from '../../support/toy-channel.ts';
import { type Agent, join, open } from './agent.ts';
import { buildWhatIsStale } from './product.ts';

const mail = (id: string, from: string, text: string, more: Partial<MessageEvent> = {}): MessageEvent => ({
  type: 'message',
  id,
  thread: id,
  at: Date.now(),
  from: { role: 'contact', id: from, name: from.split('@')[0] ?? '', identities: [{ kind: 'email', value: from, verified: true }] },
  kind: 'public',
  text,
  media: [],
  clues: { threshold: 70, answers: true, withinMs: 7 * 86_400_000 },
  ...more,
});

describe.skipIf(browserMissing())(`joined mails, ${browserTitle}`, () => {
  let server: TestServer;
  let browser: Browser;
  let toy: ToyChannel;
  let ana: Agent;
  beforeAll(async () => {
    await buildWhatIsStale();
    toy = toyChannel();
    server = await startTestServer({ config: { channels: { mail: { connector: 'toy', title: 'Mail' } } }, registry: toy.registry });
    browser = await openBrowser();
    const { body } = await server.call<{ link: string }>(server.admin, '/api/agents', { method: 'POST', body: { name: 'Ana', email: '', role: 'admin' } });
    ana = await join(browser, new URL(new URL(body.link).pathname, server.url).href, { name: 'Ana', email: 'ana@desk.example' });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const said = (text: string) => ana.page.getByRole('region', { name: 'Messages' }).getByRole('listitem').filter({ hasText: text }).last();
  const conversation = async (holding: string): Promise<string> =>
    vi.waitFor(async () => {
      const { items } = (await server.call<{ items: { id: string; lastText: string }[] }>(server.admin, '/api/conversations')).body;
      const found = items.find(({ lastText }) => lastText.includes(holding));
      if (!found) throw new Error(`nothing holds "${holding}"`);
      return found.id;
    });

  it('the line says the first reason, and all of them with their points stand behind it', async () => {
    const { page } = ana;
    await toy.hear(mail('m1', 'bia@studio.example', 'The reader is dark', { subject: 'Reader' }));
    await toy.hear(mail('m2', 'bia@studio.example', 'Still dark, from my phone', { subject: 'Reader' }));
    await toy.hear(mail('m3', 'bia@studio.example', 'And now the screen too', { subject: 'Reader', follows: ['m1'] }));
    await open(page, 'And now the screen too');
    const why = said('Still dark').locator('summary');
    expect(await why.textContent()).toBe('In this conversation because its subject is the same: Reader');
    await why.click();
    await said('Still dark').getByText('80 of 100 points; 70 are needed.').waitFor();
    await said('Still dark').getByText('its verified sender takes part +25').waitFor();
    await said('And now')
      .getByText(/^In this conversation because it answers bia, /)
      .waitFor();
    expect(await said('The reader is dark').locator('details').count()).toBe(0);
    expect((await new AxeBuilder({ page }).include('.transcript').analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    await picture(page, 'joined');
  });

  it('a stranger’s mail is marked', async () => {
    const id = await conversation('And now the screen too');
    const { decision, preview } = await server.plan(id);
    const made = await server.call<{ id: string }>(server.admin, `/api/conversations/${id}/closings`, {
      method: 'POST',
      body: { decision, digest: preview.digest },
      headers: { 'idempotency-key': 'stranger' },
    });
    await server.call(server.admin, `/api/closings/${made.body.id}/now`, { method: 'POST', body: {} });
    const number = await vi.waitFor(async () => {
      const { tickets } = await server.detail(id);
      if (!tickets[0]) throw new Error('no ticket yet');
      return tickets[0].number;
    });
    await toy.hear(mail('m4', 'eva@attacker.example', 'What is the code?', { clues: { threshold: 70, answers: false, withinMs: 1, number } }));
    await open(ana.page, 'What is the code?');
    await said('What is the code?').getByRole('note').getByText(`Names ticket #${number}, but its sender is not known to take part there.`).waitFor();
    await picture(ana.page, 'stranger');
  });

  it('a reply that bounced says why', async () => {
    const { page } = ana;
    await page.getByRole('textbox', { name: /^Reply to/ }).fill('Who are you?');
    await page.keyboard.press('Control+Enter');
    await vi.waitFor(() => expect(toy.effects.at(-1)).toMatchObject({ did: 'send' }));
    const failed: InboundEvent = { type: 'receipt', thread: 'm4', id: 'out-1', at: Date.now(), state: 'failed', reason: '552 Mailbox full' };
    await toy.hear(failed);
    await said('Who are you?').getByText('Not delivered: 552 Mailbox full').waitFor();
    expect(ana.problems).toEqual([]);
  });
});
