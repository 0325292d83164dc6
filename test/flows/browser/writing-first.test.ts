/** An agent writes first: the dialog by keys alone, by screen reader's names, and at a phone's width; templates after the window; and who is typing. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { browserMissing, browserTitle, forgetKeys, keysOf, openBrowser, phone, picture } from '../../support/browser.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { type ToyChannel, toyChannel, written } from '../../support/toy-channel.ts';
import { type Agent, join, keys } from './agent.ts';
import { buildWhatIsStale } from './product.ts';

const visit = { id: 'visit', name: 'Visit', language: 'pt-BR', body: 'Olá {{1}}, o técnico vai {{2}}.', values: 2 };

describe.skipIf(browserMissing())(`writing first, ${browserTitle}`, () => {
  let server: TestServer;
  let browser: Browser;
  let toy: ToyChannel;
  let ana: Agent;

  beforeAll(async () => {
    await buildWhatIsStale();
    toy = toyChannel({ templates: [visit], capabilities: { replyWindowHours: 24 } });
    server = await startTestServer({ config: { channels: { phone: { connector: 'toy', title: 'Phone' } } }, registry: toy.registry });
    browser = await openBrowser();
    const { body } = await server.call<{ link: string }>(server.admin, '/api/agents', { method: 'POST', body: { name: 'Ana', email: '', role: 'admin' } });
    ana = await join(
      browser,
      new URL(new URL(body.link).pathname, server.url).href,
      { name: 'Ana', email: 'ana@desk.example' },
      { expected: [/409 \(Conflict\)/] },
    );
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const dialog = () => ana.page.getByRole('dialog', { name: 'New conversation' });

  it('by N, a number, a few words and Ctrl+Enter', async () => {
    const { page } = ana;
    await page.getByRole('button', { name: 'New conversation' }).waitFor();
    await forgetKeys(page);
    await keys(page, 'n');
    await dialog().getByRole('textbox', { name: 'Phone number' }).waitFor();
    await vi.waitFor(async () => expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('tel'));
    await page.keyboard.type('+551198765');
    await keys(page, 'Control+Enter');
    await dialog().getByText('This is not a complete phone number.').waitFor();
    await page.keyboard.type('4321');
    await dialog().getByText('Goes to +55 11 98765 4321').waitFor();
    expect((await new AxeBuilder({ page }).include('[role=dialog]').analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    await picture(page, 'new-conversation');
    await keys(page, 'Tab');
    await page.keyboard.type('Maria');
    await keys(page, 'Tab');
    await page.keyboard.type('Bom dia! O técnico pode ir quinta?');
    await keys(page, 'Control+Enter');
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Maria' }).waitFor();
    await page.getByRole('region', { name: 'Messages' }).getByText('Bom dia! O técnico pode ir quinta?').waitFor();
    expect(await keysOf(page)).toEqual(['n', 'Ctrl+Enter', 'Tab', 'Tab', 'Ctrl+Enter']);
    await vi.waitFor(() => expect(toy.effects).toMatchObject([{ did: 'start', to: { phone: '+5511987654321', name: 'Maria', agent: 'Ana' } }]));
  });

  it('leads to the conversation that is open already, and Esc keeps nothing open', async () => {
    const { page } = ana;
    await page.getByRole('link', { name: 'Inbox', exact: false }).first().click();
    await keys(page, 'n');
    await dialog().getByRole('textbox', { name: 'Phone number' }).fill('+55 11 98765-4321');
    await dialog().getByRole('textbox', { name: 'First message' }).fill('De novo');
    await dialog().getByRole('button', { name: 'Send' }).click();
    await dialog().getByText('A conversation with Maria is open already.').waitFor();
    await dialog().getByRole('button', { name: 'Go there' }).click();
    await page.getByRole('heading', { name: 'Maria' }).waitFor();
    await keys(page, 'n');
    await dialog().waitFor();
    await keys(page, 'Escape');
    await dialog().waitFor({ state: 'detached' });
  });

  it('sees for how long free text goes, that the customer types, and their answer', async () => {
    const { page } = ana;
    toy.context().live.typing('5511987654321');
    await page.getByText('Maria is typing…').waitFor();
    const typed: string[] = [];
    toy.context().live.watchTyping('5511987654321', (agent) => typed.push(agent));
    await toy.hear(written('+5511987654321', 'eletricista só quinta', { id: 'answer-1' }));
    await page.getByText('eletricista só quinta').first().waitFor();
    await page.getByText('Maria is typing…').waitFor({ state: 'detached' });
    await page.getByText(/^Free text until .* left\)$/).waitFor();
    await page.getByRole('textbox', { name: 'Reply to Maria' }).fill('Ok');
    await vi.waitFor(() => expect(typed).toEqual(['Ana']));
  });

  it('writes by a template where the customer’s last message is too long ago', async () => {
    const { page } = ana;
    await toy.hear(written('+5511987650009', 'oi, tudo bem', { id: 'old-1', at: Date.now() - 25 * 3_600_000, name: 'Carlos' }));
    await page.getByRole('link').filter({ hasText: 'Carlos' }).first().click();
    await page.getByText('Only templates now').waitFor();
    await page.getByRole('combobox', { name: 'Template' }).selectOption('visit');
    await page.getByRole('textbox', { name: 'Value 1' }).fill('Carlos');
    await page.getByRole('textbox', { name: 'Value 2' }).fill('sexta');
    await page.getByText('Olá Carlos, o técnico vai sexta.').waitFor();
    await picture(page, 'template');
    await keys(page, 'Control+Enter');
    await vi.waitFor(() => expect(toy.effects.at(-1)).toMatchObject({ did: 'send', reply: { template: { id: 'visit', values: ['Carlos', 'sexta'] } } }));
  });

  it('fits a phone, without anything to scroll sideways', async () => {
    const { page } = ana;
    await page.setViewportSize(phone);
    await page.goto(`${server.url}/inbox`);
    await page.getByRole('button', { name: 'New conversation' }).click();
    await dialog().getByRole('textbox', { name: 'Phone number' }).fill('11 9');
    await picture(page, 'new-conversation-phone');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    const send = await dialog().getByRole('button', { name: 'Send' }).boundingBox();
    expect(send && send.x + send.width <= phone.width && send.y + send.height <= phone.height).toBe(true);
    expect(ana.problems).toEqual([]);
  });
});
