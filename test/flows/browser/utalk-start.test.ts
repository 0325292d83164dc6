/** An agent writes first, from a ticket, by a messenger that begins conversations; the answer knows its ticket, and ending it adds to that one. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulatedChannel } from '../../../connectors/utalk/simulator.ts';
import { type Listening, listen } from '../../../src/kit/simulator.ts';
import { browserMissing, browserTitle, openBrowser, picture } from '../../support/browser.ts';
import { type Agent, dismiss, end, file, join, keys, now, open, part, ready } from './agent.ts';
import { type Product, startProduct } from './product.ts';

const marcelo = { id: 'marcelo', name: 'Marcelo', phone: '+5511987650001' };
const account = simulatedChannel({ retryMs: [100, 500] });

describe.skipIf(browserMissing())(`writing first, ${browserTitle}`, { timeout: 60_000 }, () => {
  let vendor: Listening;
  let product: Product;
  let browser: Browser;
  let ana: Agent;

  beforeAll(async () => {
    vendor = await listen(account.app);
    // The shipped mapping of gyms takes a channel named utalk; this one is the default mapping's.
    const messenger = { connector: 'utalk', title: 'uTalk', ...(account.settings(vendor.url) as object) };
    product = await startProduct({ config: { channels: { messenger }, helpdesks: { desk: { connector: 'desk' } }, egress: { allow: ['127.0.0.0/8'] } } });
    account.hook?.(`${product.url}/hooks/messenger`);
    browser = await openBrowser();
    ana = await join(browser, product.setupLink, { name: 'Ana', email: 'ana@deskbridge.example' });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
    await vendor?.close();
    if (ana) expect(ana.problems).toEqual([]);
    // The address holds the secret that lets in: nothing that the product prints may.
    expect(product?.output() ?? '').not.toContain('simulated-hook-secret');
  });

  const shownToMarcelo = (): readonly string[] => account.shown('', marcelo).map(({ from, text }) => `${from}: ${text}`);

  it('begins with a chat that became a ticket, and is ended at the vendor too', async () => {
    await account.write({ conversation: '', person: marcelo, text: 'The turnstile at the south gym is stuck.' });
    await open(ana.page, 'turnstile at the south gym');
    await end(ana);
    await keys(ana.page, '2', 'Enter', 'an electrician is needed', 'Tab', '2');
    await file(ana);
    expect(await now(ana)).toEqual(['1']);
    await expect.poll(() => account.state.chats.map((chat) => chat.open), { timeout: 15_000 }).toEqual([false]);
    await dismiss(ana);
  });

  it('starts a conversation from the ticket, and notes the contact there', async () => {
    const { page } = ana;
    await page.getByRole('link', { name: 'Tickets', exact: true }).click();
    await page.getByRole('link', { name: /turnstile at the south gym/ }).click();
    await page.getByRole('button', { name: 'Contact the customer' }).click();
    const dialog = page.getByRole('dialog', { name: 'New conversation' });
    await dialog.getByText('About ticket #1').waitFor();
    await dialog.getByRole('textbox', { name: 'Phone number' }).fill(marcelo.phone);
    await dialog.getByRole('textbox', { name: 'First message' }).fill('Good morning! Can the electrician come on Thursday?');
    await picture(page, 'starting');
    await page.keyboard.press('Control+Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('region', { name: 'Messages' }).getByText('Can the electrician come').waitFor();
    await expect.poll(shownToMarcelo, { timeout: 15_000 }).toContain('business: Good morning! Can the electrician come on Thursday?');
  });

  it('shows the message once, whoever tells of it first, and the customer’s answer beside it', async () => {
    const { page } = ana;
    await account.write({ conversation: '', person: marcelo, text: 'Thursday is fine.' });
    await account.settled();
    const messages = page.getByRole('region', { name: 'Messages' });
    await messages.getByText('Thursday is fine.').waitFor();
    expect(await messages.getByText('Can the electrician come').count()).toBe(1);
    expect(shownToMarcelo().filter((line) => line.includes('Can the electrician come'))).toHaveLength(1);
  });

  it('proposes to add what came of it to that ticket', async () => {
    const { page, dialog, toast } = ana;
    await open(page, 'Thursday is fine.');
    await end(ana);
    expect(await dialog.getByRole('radio', { name: /#1 / }).first().isChecked()).toBe(true);
    await dialog.getByRole('textbox', { name: 'Summary' }).fill('the electrician comes on Thursday');
    await ready(ana);
    await picture(page, 'starting-closed');
    await dialog.getByRole('button', { name: /^Add to #1/ }).waitFor();
    await file(ana);
    expect(await now(ana)).toEqual(['1']);
    await toast.getByRole('link', { name: 'Ticket #1' }).click();
    const notes = part(page, 'Replies and notes');
    await notes.getByText('the electrician comes on Thursday').waitFor();
    await notes.getByText('Can the electrician come').first().waitFor();
    await dismiss(ana);
  });
});
