/** A newcomer's first day with nothing configured: sign in by the printed link, chat as customers, close in each of the ways, see the tickets. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, browserTitle, openBrowser, picture } from '../../support/browser.ts';
import { type Agent, dismiss, end, file, join, keys, now, open, part, ready, row } from './agent.ts';
import { type Product, startProduct } from './product.ts';
import { type Customer, customer, openSite, type Site } from './site.ts';

const plainCase = 6;
const splitInTwo = 14;

describe.skipIf(browserMissing())(`the first day, ${browserTitle}`, { timeout: 60_000 }, () => {
  let product: Product;
  let site: Site;
  let browser: Browser;
  let ana: Agent;
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

  beforeAll(async () => {
    product = await startProduct();
    site = await openSite(product.url);
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await product?.stop();
    expect(people.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it('makes the administrator by the link that was printed', async () => {
    ana = await join(browser, product.setupLink, { name: 'Ana', email: 'ana@deskbridge.example' });
    people.push(ana);
    await ana.page.getByText('No open conversations').waitFor();
  });

  it('brings a customer’s words and file to the inbox while it is looked at, and the answer back; the note stays inside', async () => {
    const joe = await comes('Joe');
    await joe.say('Good morning');
    await joe.say('The card terminal does not print receipts any more.');
    await joe.attach({ name: 'terminal.txt', mimeType: 'text/plain', buffer: Buffer.from('error 17, paper') });
    const { page } = ana;
    await row(page, 'Joe').waitFor();
    await open(page, 'terminal.txt');
    const address = await page
      .getByRole('region', { name: 'Messages' })
      .getByRole('link', { name: /terminal\.txt/ })
      .getAttribute('href');
    const file = await page.request.get(`${product.url}${address}`);
    expect([await file.text(), file.headers()['content-disposition']]).toEqual(['error 17, paper', expect.stringContaining('terminal.txt')]);

    await page.keyboard.press('i');
    await page.keyboard.type('He had the same in spring.');
    await page.keyboard.press('Control+Enter');
    await page.locator('.message[data-look=internal]').getByText('He had the same in spring.').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('r');
    await page.keyboard.type('Please open the lid and turn the roll.');
    await joe.page.locator('.typing').getByText('Ana is typing…').waitFor();
    await page.keyboard.press('Control+Enter');
    await joe.sees('Please open the lid').waitFor();
    await page.locator('[data-receipt=read]').waitFor();
    await joe.page.getByRole('textbox', { name: 'Write a message' }).pressSequentially('I will');
    await page.getByRole('status').filter({ hasText: 'Joe is typing' }).waitFor();
    await joe.say('It prints again, thank you!');
    await page.getByRole('region', { name: 'Messages' }).getByText('It prints again').waitFor();
    expect(await joe.page.locator('.message .bubble').allTextContents()).not.toContain('He had the same in spring.');
    await joe.page.reload();
    await joe.sees('Please open the lid').waitFor();
    expect(await joe.page.locator('.panel').innerText()).not.toContain('the same in spring');
    await picture(joe.page, 'widget');
    await joe.context.close();
  });

  it(`closes it as a new ticket with at most ${plainCase} keys beyond the typed text`, async () => {
    const { page, dialog } = ana;
    await page.keyboard.press('Escape');
    await end(ana);
    await keys(page, '1', 'Enter', 'turned the paper roll', 'Tab', '2');
    await ready(ana);
    await picture(page, 'closing-new');
    expect(await dialog.getByRole('region', { name: 'What will happen' }).innerText()).toContain(
      'new ticket “The card terminal does not print receipts any more”',
    );
    const pressed = await file(ana);
    expect(pressed.length, pressed.join(' ')).toBeLessThanOrEqual(plainCase);
  });

  it('counts the hold down, and undo brings back what was typed', async () => {
    const { page, toast, dialog } = ana;
    const left = async (): Promise<number> => Number(/in (\d+) s/.exec(await toast.innerText())?.[1]);
    const first = await left();
    expect(first).toBeGreaterThan(20);
    await expect.poll(left, { timeout: 5000 }).toBeLessThan(first);
    await toast.getByRole('button', { name: 'Undo' }).click();
    await toast.getByRole('link', { name: 'Open it again' }).click();
    await expect.poll(() => dialog.getByRole('textbox', { name: 'Summary' }).inputValue()).toContain('Done: turned the paper roll');
    expect(await dialog.getByRole('radio', { name: 'Solved' }).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'End', exact: true }).waitFor();
  });

  it('files at once when told so, and the ticket keeps the summary out of what the requester reads', async () => {
    const { page, toast } = ana;
    await file(ana);
    expect(await now(ana)).toEqual(['1']);
    await toast.getByRole('link', { name: 'Ticket #1' }).click();
    await page.getByRole('heading', { name: /^#1 The card terminal/ }).waitFor();
    const description = await part(page, 'Description').innerText();
    expect(description).toContain('does not print receipts');
    expect(description).toContain('Please open the lid');
    expect(description).not.toContain('turned the paper roll');
    expect(description).not.toContain('the same in spring');
    expect(await part(page, 'Summary').innerText()).toContain('turned the paper roll');
    await dismiss(ana);
  });

  it('adds a second chat to the ticket, which keeps its status', async () => {
    await wrote('Bea', 'The terminal beside the door has lost its paper too.');
    await open(ana.page, 'lost its paper');
    await end(ana);
    const { page, dialog } = ana;
    await page.keyboard.press('a');
    await dialog.getByRole('searchbox').fill('#1');
    await dialog.getByRole('radio', { name: /#1 The card terminal/ }).check();
    await dialog.getByRole('textbox', { name: 'Summary' }).pressSequentially('sent two rolls');
    await ready(ana);
    await picture(page, 'closing-append');
    await dialog.getByRole('button', { name: 'Add to #1, stays Resolved' }).waitFor();
    await file(ana);
    expect(await now(ana)).toEqual(['1']);
    await dismiss(ana);
  });

  it('adds a third chat to a ticket and resolves it', async () => {
    await wrote('Dan', 'The door of the freezer does not close.');
    await open(ana.page, 'freezer');
    await end(ana);
    const { page, dialog, toast } = ana;
    await keys(page, '2', 'Enter', 'somebody comes tomorrow', 'Tab', '3');
    await file(ana);
    expect(await now(ana)).toEqual(['2']);
    await dismiss(ana);

    await wrote('Eva', 'The freezer closes again.');
    await open(page, 'closes again');
    await end(ana);
    await page.keyboard.press('a');
    await dialog.getByRole('searchbox').fill('freezer');
    await dialog.getByRole('radio', { name: /#2 The door of the freezer/ }).check();
    await page.keyboard.press('r');
    await dialog.getByRole('textbox', { name: 'Summary' }).pressSequentially('the hinge was oiled');
    await dialog.getByRole('button', { name: 'Add to #2 and resolve' }).waitFor();
    await file(ana);
    expect(await now(ana)).toEqual(['2']);
    await toast.getByRole('link', { name: 'Ticket #2' }).click();
    await page.getByRole('definition').filter({ hasText: 'Resolved' }).waitFor();
    await part(page, 'Replies and notes').getByText('the hinge was oiled').waitFor();
    await dismiss(ana);
  });

  it(`separates two matters by hand with at most ${splitInTwo} keys beyond the typed text, and each ticket names the other`, async () => {
    await wrote('Cem', 'The scanner at till two stays dark.', 'And we need a new password for the office computer.');
    await open(ana.page, 'password for the office');
    const { page, dialog, toast } = ana;
    await end(ana);
    await keys(page, 's', '2', 'f', '1', 'Enter', 'the cable was loose', 'Tab', '2');
    await keys(page, 'Enter', '1', 'Enter', 'sent by letter', 'Tab', '1');
    await ready(ana);
    await picture(page, 'closing-split');
    await dialog.getByRole('button', { name: 'File 2 tickets' }).waitFor();
    const pressed = await file(ana);
    expect(pressed.length, pressed.join(' ')).toBeLessThanOrEqual(splitInTwo);
    expect(await now(ana)).toEqual(['3', '4']);
    await toast.getByRole('link', { name: 'Ticket #3' }).click();
    await page.getByRole('heading', { name: '#3 The scanner at till two stays dark' }).waitFor();
    expect(await part(page, 'Description').innerText()).not.toContain('password');
    await expect.poll(() => page.getByRole('main').innerText()).toMatch(/#4/);
    await dismiss(ana);
  });

  it('files a part of it, and the conversation stays open', async () => {
    const fay = await comes('Fay');
    await fay.say('The bill of March is wrong.');
    await fay.say('I will tell you more about the printer later.');
    await open(ana.page, 'about the printer');
    const { page, dialog } = ana;
    await end(ana);
    await page.keyboard.press('p');
    await page.locator('.message', { hasText: 'bill of March' }).getByRole('checkbox').check();
    await dialog.getByText('1 of 2 messages, the conversation stays open').waitFor();
    await keys(page, 'f', '1', 'Enter', 'corrected and sent again', 'Tab', '1');
    await dialog.getByRole('combobox', { name: 'Subject' }).fill('Bill of March');
    await file(ana);
    expect(await now(ana)).toEqual(['5']);
    await dismiss(ana);
    await page.getByRole('button', { name: 'End', exact: true }).waitFor();
    await row(page, 'Fay').waitFor();
    await fay.say('The printer is fine again.');
    await page.getByRole('region', { name: 'Messages' }).getByText('The printer is fine again.').waitFor();
  });

  it('ends without a ticket only with a reason', async () => {
    await wrote('Gus', 'You have won a prize, click here!');
    await open(ana.page, 'won a prize');
    const { page, dialog } = ana;
    await end(ana);
    await page.keyboard.press('x');
    await dialog.getByText('Say why there is no ticket.').waitFor();
    expect(await dialog.locator('.file-bar button').getAttribute('aria-disabled')).toBe('true');
    await page.keyboard.press('1');
    expect(await file(ana)).toEqual(['e', 'x', '1', 'Ctrl+Enter']);
    expect(await now(ana)).toEqual([]);
    await page.getByRole('link', { name: 'Ended', exact: true }).click();
    await row(page, 'Gus').waitFor();
  });

  it('lists every ticket, and what I filed', async () => {
    const { page } = ana;
    await page.getByRole('link', { name: 'Tickets', exact: true }).click();
    await page.getByRole('cell', { name: '#5', exact: true }).waitFor();
    const numbers = await page.locator('.cell-number').allTextContents();
    expect([...numbers].sort()).toEqual(['#1', '#2', '#3', '#4', '#5']);
    await picture(page, 'tickets');
    await page.getByRole('link', { name: 'My last 20' }).click();
    await page.getByRole('heading', { name: 'Bill of March' }).waitFor();
    await picture(page, 'my-last-20');
  });
});
