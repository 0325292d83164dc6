/** What an agent does in the console, in the words that stand on its buttons. */
import type { Browser, Locator, Page } from 'playwright-core';
import { forgetKeys, keysOf, type Person, type Visit, visit } from '../../support/browser.ts';

export interface Agent extends Person {
  readonly dialog: Locator;
  readonly toast: Locator;
}

export const password = 'correct horse battery';

/** Follows a one-time link, makes the account, and arrives in the inbox. */
export async function join(browser: Browser, link: string, who: { name: string; email?: string }, more: Visit = {}): Promise<Agent> {
  const person = await visit(browser, more);
  const { page } = person;
  await page.goto(link);
  await page.getByRole('textbox', { name: 'Name' }).fill(who.name);
  if (who.email) await page.getByRole('textbox', { name: 'E-mail' }).fill(who.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Create my account' }).click();
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  return { ...person, dialog: page.getByRole('dialog', { name: /this conversation/ }), toast: page.locator('.toast') };
}

export const row = (page: Page, text: string): Locator => page.getByRole('region', { name: 'Inbox' }).getByRole('link').filter({ hasText: text });

/** Opens a conversation from the inbox by its last words. */
export async function open(page: Page, text: string): Promise<void> {
  await page.getByRole('link', { name: 'Inbox', exact: true }).click();
  await row(page, text).click();
  await page.getByRole('region', { name: 'Messages' }).getByText(text).first().waitFor();
}

/** E, with the keys counted from here. */
export async function end({ page, dialog }: Agent): Promise<void> {
  await forgetKeys(page);
  await page.keyboard.press('e');
  await dialog.locator('.file-bar button').waitFor();
}

export const drawn = (page: Page): Promise<unknown> => page.evaluate(() => new Promise((settle) => requestAnimationFrame(() => requestAnimationFrame(settle))));

/** Keys at the pace of somebody who looks: each one is drawn before the next. Longer words are typed as text. */
export async function keys(page: Page, ...pressed: readonly string[]): Promise<void> {
  for (const key of pressed) {
    if (key.includes(' ') && key.length > 1) await page.keyboard.type(key);
    else await page.keyboard.press(key);
    await drawn(page);
  }
}

/** Once what will happen stands there for the decision as it is now. */
export const ready = ({ dialog }: Agent): Promise<void> => dialog.locator('.file-bar button:not([aria-disabled])').waitFor();

export async function file(agent: Agent): Promise<readonly string[]> {
  await ready(agent);
  await agent.page.keyboard.press('Control+Enter');
  await agent.dialog.waitFor({ state: 'detached' });
  return keysOf(agent.page);
}

/** After an outage everything is read anew, and a key pressed in the middle of that does nothing: it is pressed, as a person would, until it is taken. */
export async function fileInTheEnd(agent: Agent): Promise<void> {
  for (let tries = 0; tries < 6; tries += 1) {
    await ready(agent);
    await agent.page.keyboard.press('Control+Enter');
    const gone = await agent.dialog.waitFor({ state: 'detached', timeout: 2_000 }).then(
      () => true,
      () => false,
    );
    if (gone) return;
  }
  throw new Error('the dialog took no Ctrl+Enter');
}

/** Ends the hold of what was just filed; the number of each ticket that came of it. */
export async function now({ toast }: Agent): Promise<readonly string[]> {
  const newest = toast.last();
  await newest.getByRole('button', { name: 'Now' }).click();
  await newest.getByText(/^(Filed|Ended without a ticket)$/).waitFor();
  return (await newest.getByRole('link', { name: /^Ticket #/ }).allTextContents()).map((text) => text.replace(/\D/g, ''));
}

export const dismiss = async ({ toast }: Agent): Promise<void> => {
  await toast.last().getByRole('button', { name: 'Dismiss' }).click();
  await toast.waitFor({ state: 'detached' });
};

/** A section of a page by its heading. */
export const part = (page: Page, title: string): Locator => page.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
