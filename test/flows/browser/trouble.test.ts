/** What must not happen when people are quick, two, offline, or the server dies: nothing filed twice, nothing typed lost, nothing filed unseen. */
import { readFile, writeFile } from 'node:fs/promises';
import { join as path } from 'node:path';
import Database from 'better-sqlite3';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, browserTitle, openBrowser, picture, visit } from '../../support/browser.ts';
import { type Agent, dismiss, end, file, fileInTheEnd, join, keys, now, open, password, ready } from './agent.ts';
import { type Product, startProduct } from './product.ts';
import { type Customer, customer, openSite, type Site } from './site.ts';

const splitInTwo = 14;
const holdSeconds = 6;
const config = {
  channels: { 'site-chat': { connector: 'chat-widget', title: 'Chat' } },
  helpdesks: { desk: { connector: 'desk', title: 'Desk', mails: 'none' } },
  hold_seconds: holdSeconds,
};
const topics = `
topics:
  terminal: { title: Card terminal does not work, words: [terminal, receipt] }
  scanner: { title: Scanner does not read, words: [scanner, till] }
`;

describe.skipIf(browserMissing())(`trouble, ${browserTitle}`, { timeout: 60_000 }, () => {
  let product: Product;
  let site: Site;
  let browser: Browser;
  let ana: Agent;
  let ben: Agent;
  const people: { problems: string[] }[] = [];
  const comes = async (name: string): Promise<Customer> => {
    const one = await customer(browser, site, { name, email: `${name.toLowerCase()}@shop.example` });
    people.push(one);
    return one;
  };
  /** Comes, writes, and leaves the page. */
  const wrote = async (name: string, ...texts: readonly string[]): Promise<void> => {
    const one = await comes(name);
    for (const text of texts) await one.say(text);
    await one.context.close();
  };
  /** Titles of everything that was filed and not undone, as the server has it. */
  const filed = async (): Promise<readonly string[]> => {
    const answer = await ana.page.request.get(`${product.url}/api/closings?limit=50`);
    const { items } = (await answer.json()) as { items: { title: string; progress: string }[] };
    return items.filter(({ progress }) => progress !== 'undone').map(({ title }) => title);
  };
  const complete = (agent: Agent): Promise<void> => keys(agent.page, '1', 'Enter', 'it works again', 'Tab', '1');

  beforeAll(async () => {
    product = await startProduct({
      config,
      mappings: async (folder) => {
        const text = await readFile('mappings/default.yaml', 'utf8');
        await writeFile(path(folder, 'default.yaml'), text.replace('\ncourtesy:', `${topics}\ncourtesy:`));
      },
    });
    site = await openSite(product.url);
    browser = await openBrowser();
    ana = await join(browser, product.setupLink, { name: 'Ana', email: 'ana@deskbridge.example' });
    people.push(ana);
  }, 120_000);
  afterEach(() => {
    expect(people.flatMap(({ problems }) => problems)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await product?.stop();
  });

  it(`separates two topics that were seen with at most ${splitInTwo} keys beyond the typed text`, async () => {
    await wrote('Cem', 'The card terminal prints no receipt.', 'And the scanner at the till stays dark.');
    await open(ana.page, 'scanner at the till');
    await end(ana);
    await ana.dialog.getByRole('tab', { name: /Card terminal does not work/ }).waitFor();
    await keys(ana.page, '1', 'Enter', 'turned the roll', 'Tab', '2', 'Enter', '2', 'Enter', 'ordered a new one', 'Tab', '3');
    await ana.dialog.getByRole('button', { name: 'File 2 tickets' }).waitFor();
    await ready(ana);
    await picture(ana.page, 'closing-topics');
    const pressed = await file(ana);
    expect(pressed.length, pressed.join(' ')).toBeLessThanOrEqual(splitInTwo);
    expect(await now(ana)).toEqual(['1', '2']);
    await dismiss(ana);
  });

  it('files once for a double click and a second Ctrl+Enter', async () => {
    await wrote('Dan', 'My receipt has the wrong date.');
    await open(ana.page, 'wrong date');
    await end(ana);
    await complete(ana);
    await ready(ana);
    const button = ana.dialog.locator('.file-bar button');
    await button.evaluate((element: HTMLButtonElement) => {
      element.click();
      element.click();
      for (const _ of [1, 2]) element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }));
    });
    await now(ana);
    expect((await filed()).filter((title) => title === 'Card terminal does not work')).toHaveLength(2);
    await dismiss(ana);
  });

  it('asks for one more confirmation when a message arrives while the dialog is open', async () => {
    const eva = await comes('Eva');
    await eva.say('The terminal is slow.');
    await open(ana.page, 'terminal is slow');
    await end(ana);
    await complete(ana);
    await ready(ana);
    const before = (await filed()).length;
    await eva.say('Wait, now it shows an error.');
    await ana.dialog.getByRole('alert').getByText('1 new message while this was open').waitFor();
    await ana.dialog.getByRole('button', { name: 'I have read it' }).waitFor();
    await ready(ana);
    await picture(ana.page, 'closing-news');
    await ana.page.keyboard.press('Control+Enter');
    await ana.dialog.getByRole('button', { name: 'File ticket' }).waitFor();
    expect(await filed()).toHaveLength(before);
    await file(ana);
    await now(ana);
    await dismiss(ana);
    expect(await filed()).toHaveLength(before + 1);
    expect(await ana.page.getByRole('region', { name: 'Messages' }).innerText()).toContain('now it shows an error');
  });

  it('invites a second agent by a link that works once', async () => {
    const { page } = ana;
    await page.getByRole('link', { name: 'Agents' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Ben');
    await page.getByRole('textbox', { name: 'E-mail' }).fill('ben@deskbridge.example');
    await page.getByRole('button', { name: 'Invite' }).click();
    const link = await page.locator('.shown-once code').innerText();
    ben = await join(browser, link, { name: 'Ben' });
    people.push(ben);
    const again = await visit(browser);
    await again.page.goto(link);
    await again.page.getByText('This link was used already or has expired.').waitFor();
    expect(again.problems).toEqual([expect.stringContaining('404')]);
    await again.context.close();
  });

  it('refuses a link that has expired', async () => {
    const answer = await ana.page.request.post(`${product.url}/api/agents`, {
      headers: { 'x-deskbridge': '1' },
      data: { name: 'Late', email: 'late@deskbridge.example', role: 'agent' },
    });
    const { link } = (await answer.json()) as { link: string };
    const database = new Database(path(product.folder, 'data/deskbridge.sqlite'));
    database.prepare("UPDATE settings SET value = json_set(value, '$.expiresAt', 1) WHERE name LIKE 'invitation:%'").run();
    database.close();
    const late = await visit(browser);
    await late.page.goto(link);
    await late.page.getByText('This link was used already or has expired.').waitFor();
    expect(await late.page.getByRole('textbox').count()).toBe(0);
    expect(late.problems).toEqual([expect.stringContaining('404')]);
    await late.context.close();
  });

  it('refuses a wrong password in words, then lets in with the right one to the page that was asked for', async () => {
    const { page, problems, context } = await visit(browser);
    await page.goto(`${product.url}/tickets`);
    await page.getByRole('textbox', { name: 'E-mail' }).fill('ben@deskbridge.example');
    await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('E-mail or password is wrong.').waitFor();
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Tickets' }).waitFor();
    expect(problems.every((problem) => problem.includes('401'))).toBe(true);
    await context.close();
  });

  it('tells a second agent who is ending it, and lets only one of them file', async () => {
    await wrote('Fay', 'The scanner beeps all day.');
    await open(ana.page, 'beeps all day');
    await open(ben.page, 'beeps all day');
    await end(ana);
    await ben.page.getByText(/^Ana is ending this since/).waitFor();
    await end(ben);
    await ben.dialog.getByText(/^Ana is ending this since/).waitFor();
    await complete(ben);
    await ben.dialog.getByText('Ana is ending this.').waitFor();
    await picture(ben.page, 'two-agents');
    expect(await ben.dialog.locator('.file-bar button').getAttribute('aria-disabled')).toBe('true');
    await complete(ana);
    await file(ana);
    await now(ana);
    await dismiss(ana);
    await ben.page.keyboard.press('Control+Enter');
    expect((await filed()).filter((title) => title === 'Scanner does not read')).toHaveLength(1);
    await ben.page.keyboard.press('Escape');
  });

  it('tells the agent who comes second by a moment that all has changed, and files nothing for them', async () => {
    await wrote('Gus', 'The till prints twice.');
    await open(ben.page, 'prints twice');
    await end(ben);
    await complete(ben);
    await ready(ben);
    const id = /conversations\/([\w-]+)/.exec(ben.page.url())?.[1] ?? '';
    const before = (await filed()).length;
    // At the very moment in which Ben's decision is on its way, Ana's arrives first.
    await ben.page.route('**/closings', async (route) => {
      const { decision, digest } = route.request().postDataJSON() as { decision: unknown; digest: string };
      const first = await ana.page.request.post(`${product.url}/api/conversations/${id}/closings`, {
        headers: { 'x-deskbridge': '1', 'idempotency-key': 'anas-decision-on-gus' },
        data: { decision, digest },
      });
      expect(first.status()).toBe(201);
      await route.continue();
    });
    await ben.page.keyboard.press('Control+Enter');
    await ben.dialog.getByRole('alert').getByText('What will happen has changed').waitFor();
    await ben.page.unroute('**/closings');
    expect(await filed()).toHaveLength(before + 1);
    expect(ben.problems.splice(0)).toEqual([expect.stringContaining('409')]);
    await ben.page.keyboard.press('Escape');
  });

  it('keeps the words while the network is gone, and files once when it is back', async () => {
    await wrote('Hal', 'The scanner is too loud.');
    await open(ana.page, 'too loud');
    await end(ana);
    await complete(ana);
    await ready(ana);
    const before = (await filed()).length;
    await ana.context.setOffline(true);
    await ana.page.keyboard.press('Control+Enter');
    await ana.dialog.getByText('The server does not answer. Nothing is lost').waitFor();
    expect(await ana.dialog.getByRole('textbox', { name: 'Summary' }).inputValue()).toContain('it works again');
    await ana.context.setOffline(false);
    await fileInTheEnd(ana);
    await now(ana);
    await dismiss(ana);
    expect(await filed()).toHaveLength(before + 1);
    expect(ana.problems.splice(0).every((problem) => problem.includes('ERR_INTERNET_DISCONNECTED'))).toBe(true);
  });

  it('files once after a kill -9 in the hold, not before the hold that was stored', async () => {
    await wrote('Ida', 'The terminal fell down.');
    await open(ana.page, 'fell down');
    await end(ana);
    await complete(ana);
    const before = (await filed()).length;
    await file(ana);
    const filedAt = Date.now();
    await product.kill();
    await product.restart();
    const link = ana.toast.getByRole('link', { name: /^Ticket #/ });
    await link.waitFor({ timeout: 30_000 });
    expect(Date.now() - filedAt).toBeGreaterThanOrEqual(holdSeconds * 1000 - 500);
    expect(await filed()).toHaveLength(before + 1);
    await link.click();
    await ana.page.getByRole('heading', { name: /Card terminal does not work/ }).waitFor();
    await ana.page.getByRole('link', { name: 'Tickets', exact: true }).click();
    const idas = ana.page.getByRole('cell', { name: 'Ida' });
    await idas.first().waitFor();
    expect(await idas.count()).toBe(1);
    ana.problems.splice(0);
    for (const { problems } of people) problems.splice(0);
  });
});
