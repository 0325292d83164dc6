/** The built widget in a real browser, on a page whose policy allows nothing but scripts and connections to our origin. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Harness, startHarness } from './harness.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browserMissing = !existsSync(executablePath);
if (browserMissing && process.env.REQUIRE_ALL === '1') throw new Error(`${executablePath} is needed: REQUIRE_ALL is set`);

let bundle: string;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'deskbridge-widget-'));
  await build({ root, configFile: join(root, 'vite.widget.ts'), logLevel: 'silent', build: { outDir: folder } });
  bundle = readFileSync(join(folder, 'widget.js'), 'utf8');
  rmSync(folder, { recursive: true });
});

describe('the bundle', () => {
  it('is one file under 40 kB gzip', () => {
    expect(gzipSync(bundle).length).toBeLessThan(40 * 1024);
  });

  it('is plain ASCII, so that it reads the same on pages of any encoding', () => {
    expect([...bundle].every((letter) => letter < '\u0080')).toBe(true);
  });

  it.each(['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'document.write', 'eval(', 'new Function', 'import('])('does without %s', (word) => {
    expect(bundle).not.toContain(word);
  });
});

describe.skipIf(browserMissing)(`the widget in a browser (${browserMissing ? `skipped: no ${executablePath}` : executablePath})`, () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let harness: Harness;
  let site: http.Server;
  let problems: string[];

  beforeAll(async () => {
    const quietly = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ];
    browser = await chromium.launch({ executablePath, args: quietly });
  });
  afterAll(() => browser?.close());

  const begin = async (given: object = {}, attributes = ''): Promise<void> => {
    harness = await startHarness({ title: 'Academia Corpo Vivo', ...given });
    harness.pages.set('/widget.js', { headers: { 'content-type': 'text/javascript' }, body: bundle });
    const csp = `default-src 'none'; script-src ${harness.url}; connect-src ${harness.url}`;
    const html = `<!doctype html><html lang="pt-BR"><head><title>Loja</title><meta name="viewport" content="width=device-width,initial-scale=1"></head>
      <body><h1>Loja</h1><script src="${harness.url}/widget.js" data-channel="site-chat" async ${attributes}></script></body></html>`;
    site = http.createServer((_request, response) => void response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': csp }).end(html));
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
  };

  beforeEach(async () => {
    problems = [];
    context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
    page = await context.newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => void (/Content Security Policy|violates/i.test(message.text()) && problems.push(message.text())));
  });
  afterEach(async () => {
    await context.close();
    site?.closeAllConnections();
    site?.close();
    await harness?.stop();
    expect(problems).toEqual([]);
  });

  const opener = () => page.getByRole('button', { name: /^Abrir o chat/ });
  const input = () => page.getByRole('textbox', { name: 'Escreva uma mensagem' });
  const dialog = () => page.getByRole('dialog', { name: 'Academia Corpo Vivo' });
  const say = async (text: string): Promise<void> => {
    await input().fill(text);
    await page.keyboard.press('Enter');
  };
  const visitor = async (): Promise<string> => vi.waitFor(() => harness.history.keys().next().value ?? Promise.reject(new Error('nobody wrote yet')));

  it('carries messages both ways while both look on', async () => {
    await begin();
    await opener().click();
    await page.getByLabel('Seu nome').fill('Bruna');
    await page.getByLabel('Seu e-mail').fill('bruna@novaera.example');
    await say('Como exporto o relatório?');
    await page.locator('.message.mine .icon-check').waitFor();
    expect(harness.accepted).toMatchObject([{ text: 'Como exporto o relatório?', name: 'Bruna', email: 'bruna@novaera.example' }]);
    harness.say(await visitor(), 'Em <b>Relatórios</b>.');
    await page.getByText('Em <b>Relatórios</b>.', { exact: true }).first().waitFor();
    expect(await page.locator('[aria-live=polite]').textContent()).toBe('Ana: Em <b>Relatórios</b>.');
  });

  it('shows the conversation again after a reload, open as it was', async () => {
    await begin();
    await opener().click();
    await say('oi');
    harness.say(await visitor(), 'Olá!');
    await dialog().getByText('Olá!', { exact: true }).waitFor();
    await page.reload();
    await dialog().getByText('Olá!', { exact: true }).waitFor();
    expect(await page.locator('.message .bubble').allTextContents()).toEqual(['oi', 'Olá!']);
    await say('de novo eu');
    await vi.waitFor(() => expect(harness.history.get([...harness.history.keys()][0] ?? '')).toHaveLength(3));
    expect(harness.history.size).toBe(1);
  });

  it('keeps what is written without a network, across a reload of the page, and sends it once', async () => {
    await begin();
    await opener().click();
    await say('primeira');
    await page.locator('.message.mine.sent').waitFor();
    harness.cut = true;
    await say('sem rede');
    await page.getByText('Será enviada quando a conexão voltar').waitFor();
    await page.reload();
    await dialog().getByText('sem rede').waitFor();
    expect(harness.accepted).toHaveLength(1);
    harness.cut = false;
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await vi.waitFor(() => expect(harness.accepted).toHaveLength(2), { timeout: 10_000 });
    await vi.waitFor(async () => expect(await page.locator('.message.sent .bubble').allTextContents()).toEqual(['primeira', 'sem rede']), { timeout: 10_000 });
  });

  it('sends again what was stored but not acknowledged, and it is one message', async () => {
    await begin();
    await opener().click();
    harness.failAfterStoring = 503;
    await say('oi');
    await page.getByText('Será enviada quando a conexão voltar').waitFor();
    harness.failAfterStoring = undefined;
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.locator('.message.mine.sent').waitFor();
    expect(harness.accepted).toHaveLength(1);
    expect(await page.locator('.message').count()).toBe(1);
  });

  it('sends files and paints pictures, under a policy that allows no image', async () => {
    await begin();
    await opener().click();
    const buffer = await page.screenshot();
    await page.locator('input[type=file]').setInputFiles([
      { name: 'tela.png', mimeType: 'image/png', buffer },
      { name: 'dados.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b') },
    ]);
    await page.getByRole('button', { name: 'Enviar', exact: true }).click();
    await page.locator('.message canvas').waitFor();
    expect(harness.accepted).toMatchObject([
      {
        text: '',
        files: [
          { name: 'tela.png', mime: 'image/png' },
          { name: 'dados.csv', mime: 'text/csv' },
        ],
      },
    ]);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Baixar dados.csv' }).click()]);
    expect(download.suggestedFilename()).toBe('dados.csv');
    expect(readFileSync(await download.path(), 'utf8')).toBe('a,b');
  });

  it('says which file is too large, and still sends the rest', async () => {
    await begin({ maxFileBytes: 10 });
    await opener().click();
    await page.locator('input[type=file]').setInputFiles([{ name: 'video.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(11) }]);
    await page.getByText(/^Maior que/).waitFor();
    await say('sem o vídeo');
    await vi.waitFor(() => expect(harness.accepted).toMatchObject([{ text: 'sem o vídeo', files: [] }]));
  });

  it('counts unread answers on the bubble until they are seen', async () => {
    await begin();
    await opener().click();
    await say('oi');
    const who = await visitor();
    await vi.waitFor(() => expect(harness.open.size).toBe(1));
    await page.keyboard.press('Escape');
    harness.say(who, 'Olá!');
    harness.say(who, 'Está aí?');
    await page.getByRole('button', { name: 'Abrir o chat, 2 não lidas' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Abrir o chat', exact: true }).waitFor();
  });

  it('asks for what ops require, and says what is missing', async () => {
    await begin({ askName: 'required', askEmail: 'required' });
    await opener().click();
    await say('oi');
    await page.getByText('Por favor, informe seu nome').waitFor();
    await page.keyboard.type('Bruna');
    await input().press('Enter');
    await page.getByText('Por favor, informe seu e-mail').waitFor();
    await page.keyboard.type('bruna@novaera.example');
    await input().press('Enter');
    await vi.waitFor(() => expect(harness.accepted).toMatchObject([{ text: 'oi', name: 'Bruna' }]));
  });

  it('works by keyboard alone: open, write, leave, and the focus is never lost', async () => {
    await begin();
    await opener().focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('só teclado');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('segunda linha');
    await page.keyboard.press('Enter');
    await vi.waitFor(() => expect(harness.accepted).toMatchObject([{ text: 'só teclado\nsegunda linha' }]));
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.querySelector('deskbridge-chat')?.shadowRoot?.activeElement?.className)).toBe('launcher');
  });

  it.each([
    [1200, 800],
    [390, 844],
  ])('has nothing for axe to complain about at %i x %i', async (width, height) => {
    await page.setViewportSize({ width, height });
    await begin();
    await opener().click();
    await page.getByLabel('Seu nome').waitFor();
    const look = () => new AxeBuilder({ page }).include('deskbridge-chat').analyze();
    expect((await look()).violations).toEqual([]);
    await say('oi');
    harness.say(await visitor(), 'Veja https://example.com/ajuda');
    await dialog().getByRole('link').waitFor();
    await page.locator('.message.sent').first().waitFor();
    expect((await look()).violations).toEqual([]);
  });

  it('fills a phone’s screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await begin();
    await opener().click();
    await page.locator('.panel').evaluate((panel) => Promise.all(panel.getAnimations().map((animation) => animation.finished)));
    expect(await page.locator('.panel').boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
  });

  it('speaks the language that the script tag asks for', async () => {
    await begin({}, 'data-language="de"');
    await page.getByRole('button', { name: 'Chat öffnen' }).waitFor();
  });
});
