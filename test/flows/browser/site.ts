/** Somebody else's web site with the chat on it, under a policy that allows nothing but our origin; and a customer who uses it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Locator } from 'playwright-core';
import { type Person, visit } from '../../support/browser.ts';

export interface Site {
  readonly url: string;
  stop(): Promise<void>;
}

/** Served from another host name and port than the product, so that it is another site to the browser. */
export async function openSite(product: string): Promise<Site> {
  const policy = `default-src 'none'; script-src ${product}; connect-src ${product}`;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Corner shop</title>
    <meta name="viewport" content="width=device-width,initial-scale=1"></head>
    <body><h1>Corner shop</h1><p>Welcome.</p><script src="${product}/widget.js" data-channel="site-chat"></script></body></html>`;
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy }).end(html);
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((settle) => {
        server.closeAllConnections();
        server.close(() => settle());
      }),
  };
}

export interface Customer extends Person {
  /** Writes and waits until the server has it. */
  say(text: string): Promise<void>;
  attach(file: { name: string; mimeType: string; buffer: Buffer }): Promise<void>;
  sees(text: string): Locator;
}

/** Opens the chat in a browser of their own; name and e-mail are asked and given. */
export async function customer(browser: Browser, site: Site, who: { name: string; email: string }): Promise<Customer> {
  const person = await visit(browser, { viewport: { width: 1000, height: 760 } });
  const { page } = person;
  await page.goto(site.url);
  await page.getByRole('button', { name: 'Open chat' }).click();
  await page.getByLabel('Your name').fill(who.name);
  await page.getByLabel('Your e-mail address').fill(who.email);
  const mine = page.locator('.message.mine.sent');
  const sent = async (act: () => Promise<void>): Promise<void> => {
    const before = await mine.count();
    await act();
    await mine.nth(before).waitFor();
  };
  return {
    ...person,
    say: (text) =>
      sent(async () => {
        await page.getByRole('textbox', { name: 'Write a message' }).fill(text);
        await page.keyboard.press('Enter');
      }),
    attach: (file) =>
      sent(async () => {
        await page.locator('input[type=file]').setInputFiles(file);
        await page.getByRole('button', { name: 'Send', exact: true }).click();
      }),
    sees: (text) => page.locator('.message .bubble').filter({ hasText: text }),
  };
}
