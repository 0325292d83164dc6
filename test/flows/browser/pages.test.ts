/** Every page: accessible at a desk and on a phone, light and dark, in five languages; what strangers send does nothing; tabs share one connection. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signedPost } from '../../../connectors/webhook/sender.ts';
import { browserMissing, browserTitle, desktop, openBrowser, type Person, phone, picture, visit } from '../../support/browser.ts';
import { type Agent, drawn, end, join, keys, open, row } from './agent.ts';
import { type Product, startProduct } from './product.ts';
import { openProxy } from './proxy.ts';

const secret = `whsec_${Buffer.from('the secret of the partner site').toString('base64')}`;
const config = {
  channels: { 'site-chat': { connector: 'chat-widget', title: 'Chat' }, partner: { connector: 'webhook', title: 'Partner', secret, identitiesVerified: true } },
  helpdesks: { desk: { connector: 'desk', title: 'Desk', mails: 'none' } },
  hold_seconds: 0,
};
const languages = { en: 'English', 'pt-BR': 'Português (Brasil)', de: 'Deutsch', it: 'Italiano', es: 'Español' } as const;
const ways = ['new', 'append', 'split', 'none'] as const;
const looks = [
  ['desk', desktop, 'light'],
  ['desk dark', desktop, 'dark'],
  ['phone', phone, 'light'],
  ['phone dark', phone, 'dark'],
] as const;

describe.skipIf(browserMissing())(`pages, ${browserTitle}`, { timeout: 180_000 }, () => {
  let product: Product;
  let browser: Browser;
  let ana: Agent;
  let gate: Person;
  let conversation: string;
  let ticket: string;
  let invitation: string;

  const post = async (id: string, more: object): Promise<void> => {
    const from = { id: 'u-1', name: 'Mallory', role: 'contact', email: 'mallory@partner.example', company: 'Corner shop' };
    const payload = { type: 'message', conversation: 'c-1', id, at: new Date().toISOString(), from, ...more };
    const { status } = await signedPost({ url: `${product.url}/hooks/partner`, secret, id: `event-${id}`, payload });
    expect(status).toBeLessThan(300);
  };
  const api = async <T>(path: string): Promise<T> => (await (await ana.page.request.get(`${product.url}/api${path}`)).json()) as T;
  /** Every page of an agent who is an administrator, by its address. */
  const addresses = (): readonly string[] => [
    '/inbox',
    `/conversations/${conversation}`,
    '/tickets',
    `/tickets/desk/${ticket}`,
    '/deliveries?state=all',
    '/deliveries',
    '/filed',
    '/connectors',
    '/quarantine',
    '/agents',
    '/tokens',
  ];
  const settled = async (page: Page): Promise<void> => {
    await page.locator('main').first().waitFor();
    await page.locator('main h1, main h2, main h3, main p').first().waitFor();
    await expect.poll(() => page.locator('.loading').count(), { timeout: 15_000 }).toBe(0);
  };
  const go = async (page: Page, address: string): Promise<void> => {
    await page.goto(`${product.url}${address}`);
    await settled(page);
  };
  /** The dialog each way, at the address of a conversation. */
  const eachWay = async (page: Page, look: (name: string) => Promise<void>): Promise<void> => {
    for (const [at, way] of ways.entries()) {
      await go(page, `/conversations/${conversation}?end=true`);
      await page.locator('.file-bar button').waitFor();
      await page.locator('.way').nth(at).click();
      await drawn(page);
      await look(`dialog ${way}`);
    }
  };

  beforeAll(async () => {
    product = await startProduct({ config });
    browser = await openBrowser();
    ana = await join(browser, product.setupLink, { name: 'Ana', email: 'ana@deskbridge.example' });
    await post('m-0', { conversation: 'c-0', text: 'The parcel has not arrived.' });
    await open(ana.page, 'parcel');
    await end(ana);
    await keys(ana.page, '2', 'Enter', 'asked the carrier', 'Tab', '2');
    await ana.dialog.locator('.file-bar button:not([aria-disabled])').click();
    await ana.toast.getByRole('link', { name: /^Ticket #/ }).waitFor();
    await post('m-1', { text: 'The invoice is wrong.' });
    await post('m-2', { text: 'And the label too.' });
    await post('broken', { conversation: 'c-2', from: 'nobody' });
    ticket = (await api<{ items: { id: string }[] }>('/tickets')).items[0]?.id ?? '';
    conversation = (await api<{ items: { id: string }[] }>('/conversations')).items[0]?.id ?? '';
    gate = await visit(browser);
    const invited = await ana.page.request.post(`${product.url}/api/agents`, {
      headers: { 'x-deskbridge': '1' },
      data: { name: 'Ben', email: 'ben@deskbridge.example', role: 'agent' },
    });
    invitation = ((await invited.json()) as { link: string }).link.slice(product.url.length);
  }, 120_000);
  afterEach(() => {
    expect([...ana.problems, ...gate.problems.filter((problem) => !problem.includes('401'))]).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });

  /** One address, looked at in each size and colour. */
  const audited = async (page: Page, name: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const [where, viewport, colorScheme] of looks) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      // No hint of something that the pointer happens to lie on.
      await page.mouse.move(0, 0);
      await drawn(page);
      // Colours on their way from one look to the other belong to neither.
      await page.evaluate(async () => {
        const passing = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
        await Promise.allSettled(passing.map(({ finished }) => finished));
      });
      await picture(page, `${where} ${name.replace(/[\w-]{36,}/, '1').replace(/\W+/g, '-')}`);
      // Colours differ in the dark, and nothing else does.
      const axe = new AxeBuilder({ page });
      const { violations } = await (colorScheme === 'dark' ? axe.withRules(['color-contrast']) : axe).analyze();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      for (const { id, impact, nodes } of violations)
        found.push(`${where}, ${name}: ${id} (${impact}) ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(' | ')}`);
      if (wide > 0) found.push(`${where}, ${name}: scrolls sideways by ${wide} px`);
    }
    return found;
  };

  it('gives axe nothing to say and scrolls nowhere sideways, at a desk and on a phone, light and dark', async () => {
    const found: string[] = [];
    for (const address of ['/sign-in', invitation]) {
      await go(gate.page, address);
      found.push(...(await audited(gate.page, address)));
    }
    for (const address of addresses()) {
      await go(ana.page, address);
      found.push(...(await audited(ana.page, address)));
    }
    await ana.page.locator('.me-button').click();
    await ana.page.getByRole('menu').waitFor();
    found.push(...(await audited(ana.page, 'the menu')));
    await eachWay(ana.page, async (name) => void found.push(...(await audited(ana.page, name))));
    expect(found).toEqual([]);
  });

  it('leaves no key untranslated on any page in any language', async () => {
    const { page } = ana;
    await page.setViewportSize(desktop);
    await page.emulateMedia({ colorScheme: 'light' });
    const found: string[] = [];
    const speak = async (code: string, name: string): Promise<void> => {
      await go(page, '/inbox');
      await page.locator('.me-button').click();
      await page.getByRole('menu').getByText(name, { exact: true }).click();
      await page.locator(`html[lang="${code}"]`).waitFor();
    };
    /** Words that people see or hear, each looked at alone. */
    const look = async (name: string): Promise<void> => {
      const words = await page.evaluate(() => {
        const seen: string[] = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode())
          if (!node.parentElement?.closest('style, script')) seen.push((node.textContent ?? '').trim());
        for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]'))
          for (const attribute of ['aria-label', 'title', 'placeholder']) seen.push(element.getAttribute(attribute)?.trim() ?? '');
        return [document.title, ...seen];
      });
      found.push(...words.filter((word) => /^[a-z]+(\.[a-z-]+)+$/i.test(word) || /\{\{|\}\}|undefined|\[object/.test(word)).map((word) => `${name}: ${word}`));
    };
    for (const [code, name] of Object.entries(languages)) {
      await speak(code, name);
      for (const address of addresses()) {
        await go(page, address);
        await look(`${code} ${address}`);
      }
      await eachWay(page, (way) => look(`${code} ${way}`));
      await gate.page.goto(`${product.url}/sign-in`);
      await gate.page.getByRole('button', { name }).click();
      await gate.page.locator(`html[lang="${code}"]`).waitFor();
    }
    await speak('en', 'English');
    expect(found).toEqual([]);
  });

  it('shows a stranger’s HTML in a frame that runs nothing and loads nothing', async () => {
    const asked: string[] = [];
    const spy = http.createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((settle) => spy.listen(0, '127.0.0.1', settle));
    const remote = `http://127.0.0.1:${(spy.address() as AddressInfo).port}`;
    const html = `<p>Dear team, <b>please pay</b>.</p><img src="${remote}/pixel.png" onerror="parent.document.title='owned'"><script>parent.document.title='owned'</script>
      <style>@import url(${remote}/style.css); body { background: url(${remote}/back.png) }</style><link rel="stylesheet" href="${remote}/link.css">
      <iframe src="${remote}/frame"></iframe><svg onload="parent.document.title='owned'"></svg><a href="javascript:alert(1)">click</a>
      <form action="${remote}/form"><input name="password"></form><meta http-equiv="refresh" content="0;url=${remote}/refresh"><video src="${remote}/video" autoplay></video>`;
    await post('m-3', { conversation: 'c-3', text: 'Dear team, please pay.', html });
    const { page } = ana;
    await go(page, '/inbox');
    await row(page, 'Dear team').click();
    const frame = page.frameLocator('iframe.mail-frame');
    await frame.getByText('please pay').waitFor();
    expect(await page.locator('iframe.mail-frame').getAttribute('sandbox')).toBe('');
    expect(await frame.locator('script, iframe, form, object, embed, meta[http-equiv=refresh]').count()).toBe(0);
    expect(await frame.locator('[onerror], [onload], [href^=javascript]').count()).toBe(0);
    expect(await page.title()).not.toContain('owned');
    expect(asked).toEqual([]);
    spy.close();
  });

  it('shares one live connection between two tabs, and goes on when the first is closed', async () => {
    const proxy = await openProxy(product.url);
    const person = await visit(browser, { storageState: await ana.context.storageState() });
    const first = person.page;
    await first.goto(`${proxy.url}/inbox`);
    await first.getByRole('navigation', { name: 'Views' }).waitFor();
    await expect.poll(() => proxy.streams.open).toBe(1);
    const second = await person.tab();
    await second.goto(`${proxy.url}/inbox`);
    await second.getByRole('navigation', { name: 'Views' }).waitFor();
    await post('m-4', { conversation: 'c-4', text: 'Both tabs hear this.' });
    await row(first, 'Both tabs hear this.').waitFor();
    await row(second, 'Both tabs hear this.').waitFor();
    expect(proxy.streams).toMatchObject({ open: 1, most: 1, all: 1 });
    await first.close();
    await post('m-5', { conversation: 'c-5', text: 'The second tab goes on.' });
    await row(second, 'The second tab goes on.').waitFor();
    expect(proxy.streams.most).toBe(1);
    expect(person.problems).toEqual([]);
    await person.context.close();
    await proxy.stop();
  });

  it('hears of what came between the first reading of a page and its live connection', async () => {
    const proxy = await openProxy(product.url);
    const connect = proxy.holdStreams();
    const person = await visit(browser, { storageState: await ana.context.storageState() });
    await person.page.goto(`${proxy.url}/inbox`);
    await row(person.page, 'And the label too.').waitFor();
    await post('m-6', { conversation: 'c-6', text: 'Said in between.' });
    connect();
    await row(person.page, 'Said in between.').waitFor();
    await person.context.close();
    await proxy.stop();
  });

  it('hears of what came while a page was read for the first time', async () => {
    const person = await visit(browser, { storageState: await ana.context.storageState() });
    await go(person.page, '/inbox');
    const second = await person.tab();
    // The answer is as old as the inbox before the message, and arrives after the news of it.
    const stale = async (route: Route): Promise<void> => {
      const answer = await route.fetch();
      await post('m-7', { conversation: 'c-7', text: 'Said meanwhile.' });
      await row(person.page, 'Said meanwhile.').waitFor();
      await route.fulfill({ response: answer });
    };
    await second.route('**/api/conversations?view=open**', stale, { times: 1 });
    await second.goto(`${product.url}/inbox`);
    await row(second, 'Said meanwhile.').waitFor();
    await person.context.close();
  });
});
