/** How channels are doing: the code that links one, to administrators alone; silence, outages and the canary in words; at a desk and on a phone. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { renderSVG } from 'uqr';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { browserMissing, browserTitle, desktop, openBrowser, phone, picture } from '../../support/browser.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { type ToyChannel, toyChannel, written } from '../../support/toy-channel.ts';
import { type Agent, join, part } from './agent.ts';
import { buildWhatIsStale } from './product.ts';

const codes = ['2@the-first-code-of-the-vendor', '2@the-code-that-follows-it'] as const;
const told = 'Scan the code: the app, Settings, Linked devices';
const hour = 3_600_000;
const languages = ['Português (Brasil)', 'Deutsch', 'Italiano', 'Español', 'English'] as const;

describe.skipIf(browserMissing())(`channels, ${browserTitle}`, { timeout: 60_000 }, () => {
  let server: TestServer;
  let browser: Browser;
  let toy: ToyChannel;
  let ana: Agent;
  let ben: Agent;
  const clock = { offset: 0 };
  const tokens: string[] = [];

  beforeAll(async () => {
    await buildWhatIsStale();
    const real = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => real.call(Date) + clock.offset);
    toy = toyChannel({
      begins: { state: 'unpaired', detail: told, qr: codes[0] },
      canary: async (...given: readonly string[]) => void tokens.push(given[0] ?? 'unnamed'),
    });
    server = await startTestServer({ config: { channels: { phone: { connector: 'toy', title: 'Phone' } } }, registry: toy.registry });
    browser = await openBrowser();
    const invited = async (name: string, role: 'admin' | 'agent') => {
      const { body } = await server.call<{ link: string }>(server.admin, '/api/agents', { method: 'POST', body: { name, email: '', role } });
      return join(browser, new URL(new URL(body.link).pathname, server.url).href, { name, email: `${name}@desk.example` }, { expected: [/403 \(Forbidden\)/] });
    };
    ana = await invited('Ana', 'admin');
    ben = await invited('Ben', 'agent');
  }, 120_000);
  afterAll(async () => {
    vi.restoreAllMocks();
    await browser?.close();
    await server?.stop();
  });

  const card = (page: Page) => part(page, 'Channels').getByRole('listitem').filter({ hasText: 'toy' }).first();
  const code = (page: Page) => page.getByRole('img', { name: 'Code that links phone' });
  const violations = async (page: Page) => (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html]);

  it('shows an administrator the code of a channel that is not linked, and the next one as it changes', async () => {
    const { page } = ana;
    await page.getByRole('link', { name: 'Connectors 1' }).waitFor();
    await page.getByRole('link', { name: 'Connectors' }).click();
    await card(page).getByText('In trouble').waitFor();
    await card(page).getByText('Live connection: not linked').waitFor();
    await card(page).getByText(told).first().waitFor();
    const drawn = (text: string) => `data:image/svg+xml,${encodeURIComponent(renderSVG(text, { border: 4 }))}`;
    expect(await code(page).getAttribute('src')).toBe(drawn(codes[0]));
    expect(await code(page).evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBeGreaterThan(0);
    await toy.become({ state: 'unpaired', detail: told, qr: codes[1] });
    await expect.poll(() => code(page).getAttribute('src'), { timeout: 10_000 }).toBe(drawn(codes[1]));
    expect(await violations(page)).toEqual([]);
    await picture(page, 'channel-code');
  });

  it('shows it whole on a phone, in the dark too', async () => {
    const { page } = ana;
    await page.setViewportSize(phone);
    await page.emulateMedia({ colorScheme: 'dark' });
    await code(page).scrollIntoViewIfNeeded();
    const box = await code(page).boundingBox();
    expect(box && box.x >= 0 && box.x + box.width <= phone.width && box.width >= 200).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(await violations(page)).toEqual([]);
    await picture(page, 'channel-code-phone');
    await page.setViewportSize(desktop);
    await page.emulateMedia({ colorScheme: 'light' });
  });

  it('refuses an agent, whose page never has the code', async () => {
    const { page } = ben;
    await page.goto(`${server.url}/connectors`);
    await page.getByText('Only administrators may do this.').waitFor();
    expect(await page.getByRole('link', { name: /^Connectors/ }).count()).toBe(0);
    expect(await code(page).count()).toBe(0);
    const asked = await page.evaluate(async () => {
      const answers = await Promise.all(['/api/connectors', '/api/connectors/phone/session'].map((path) => fetch(path)));
      return Promise.all(answers.map(async (answer) => [answer.status, await answer.text()] as const));
    });
    expect(asked.map(([status]) => status)).toEqual([200, 403]);
    expect(asked[0]?.[1]).toContain('unpaired');
    for (const [, text] of asked) expect(codes.filter((one) => text.includes(one))).toEqual([]);
  });

  it('is calm again once the code was scanned, and tells of the outage that is over', async () => {
    const { page } = ana;
    clock.offset += hour;
    await toy.become({ state: 'ready' });
    await code(page).waitFor({ state: 'detached' });
    await card(page).getByText('Live connection: works').waitFor();
    await card(page).getByText('1 outage').click();
    await card(page)
      .getByText(/^Down .+ to .+, 0 recovered, lost not known/)
      .waitFor();
  });

  it('tells of the test message: on its way, lost, and back', async () => {
    const { page } = ana;
    await card(page)
      .getByText(/^The test message of .+ has not come back: what customers write may not arrive either\.$/)
      .waitFor();
    await toy.hear({ type: 'canary', thread: 'self', at: Date.now(), token: tokens.at(-1) ?? '' });
    await card(page)
      .getByText(/^The test message of .+ came back: the whole way works\.$/)
      .waitFor();
    await card(page)
      .getByText(/^Works/)
      .waitFor();
    await page.getByRole('link', { name: 'Connectors', exact: true }).waitFor({ timeout: 40_000 });
    expect(await violations(page)).toEqual([]);
  });

  it('says since when it is too quiet, what is usual, and what to do', async () => {
    const { page } = ana;
    const since = Date.now() - 3 * hour;
    for (let week = 5; week >= 0; week -= 1)
      for (let later = 0; later < (week ? 3 : 1); later += 1)
        for (let one = 0; one < 4; one += 1)
          await toy.hear(written('+5511987650001', 'oi', { id: `quiet-${week}-${later}-${one}`, at: since - week * 168 * hour + later * hour }));
    await card(page)
      .getByText(/^Nothing since .+, unusual for this hour: usually about \d+ messages would have come\. Write to this channel yourself/)
      .waitFor();
    await card(page).getByText('Look at this').waitFor();
    await picture(page, 'channel-quiet');
    await toy.hear(written('+5511987650001', 'oi de novo', { id: 'loud' }));
    await card(page)
      .getByText(/^Nothing since/)
      .waitFor({ state: 'detached' });
  });

  it('speaks five languages on a phone', async () => {
    const { page } = ana;
    await toy.become({ state: 'unpaired', detail: told, qr: codes[0] });
    await page.setViewportSize(phone);
    for (const language of languages) {
      await page.locator('.me-button').click();
      await page.getByRole('menu').getByText(language, { exact: true }).click();
      await page.keyboard.press('Escape');
      await page.locator('.pairing-code').waitFor();
      expect(await page.locator('main').innerText()).not.toMatch(/connector\.\w+|\{\{/);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await picture(page, `channel-code-phone-${language.slice(0, 2)}`);
    }
    expect([...ana.problems, ...ben.problems]).toEqual([]);
  });
});
