/** Real Chromium for journeys: pages that fail the test on any error, refused resource or policy violation, and that count keys. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Skip when there is no Chromium; with REQUIRE_ALL=1 nothing is skipped, so that the tests fail instead. */
export const browserMissing = (): boolean => !existsSync(executablePath) && process.env.REQUIRE_ALL !== '1';

/** Title of a suite that needs it: says plainly why it was skipped. */
export const browserTitle = browserMissing() ? `Chromium is not installed (Debian package chromium; ${executablePath}), so this was skipped` : 'in Chromium';

const quietly = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath, args: quietly });

export const desktop = { width: 1440, height: 900 } as const;
export const phone = { width: 390, height: 844 } as const;

/** Somebody at a browser of their own, and everything that went wrong on their pages. */
export interface Person {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly problems: string[];
  /** A second tab of the same browser, watched like the first. */
  tab(): Promise<Page>;
}

/** In the page: violations are told to the console, and keys are counted. Text typed into a field is no key; Ctrl+Enter is one; a Shift alone none. */
function watchPage(): void {
  document.addEventListener('securitypolicyviolation', (event) => console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`));
  const counter = { keys: [] as string[] };
  Object.assign(globalThis, { deskbridgeKeys: counter });
  const typesText = (target: EventTarget | null): boolean =>
    target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && !['radio', 'checkbox', 'button', 'date'].includes(target.type));
  addEventListener(
    'keydown',
    (event) => {
      if (!event.isTrusted || ['Control', 'Shift', 'Alt', 'Meta'].includes(event.key)) return;
      const chord = event.ctrlKey || event.metaKey || event.altKey;
      if (!chord && event.key.length === 1 && typesText(event.target)) return;
      counter.keys.push(chord ? `Ctrl+${event.key}` : event.key);
    },
    { capture: true },
  );
}

/** Keys pressed since the page was loaded or since `forget`, typed text left out. */
export const keysOf = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => (globalThis as unknown as { deskbridgeKeys: { keys: string[] } }).deskbridgeKeys.keys);
export const forgetKeys = (page: Page): Promise<void> =>
  page.evaluate(() => void (globalThis as unknown as { deskbridgeKeys: { keys: string[] } }).deskbridgeKeys.keys.splice(0));

/** `expected`: console errors that the test itself provokes, such as a refused sign-in. */
function watch(page: Page, problems: string[], expected: readonly RegExp[]): void {
  page.on('pageerror', (error) => problems.push(`page error: ${error.stack ?? error}`));
  page.on('console', (message) => {
    const text = `${message.text()} ${message.location().url}`;
    if ((message.type() === 'error' || message.type() === 'warning') && !expected.some((one) => one.test(text))) problems.push(`console: ${text}`);
  });
}

export interface Visit extends BrowserContextOptions {
  readonly expected?: readonly RegExp[];
}

export async function visit(browser: Browser, { expected = [], ...options }: Visit = {}): Promise<Person> {
  const problems: string[] = [];
  const context = await browser.newContext({ viewport: desktop, locale: 'en-GB', timezoneId: 'UTC', ...options });
  context.setDefaultTimeout(15_000);
  await context.addInitScript(watchPage);
  context.on('page', (page) => watch(page, problems, expected));
  const tab = (): Promise<Page> => context.newPage();
  return { context, page: await tab(), problems, tab };
}

const folder = process.env.PICTURES;

/** A picture to look at, taken only when PICTURES names a folder: `PICTURES=/tmp/pictures npx vitest run test/flows/browser`. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
