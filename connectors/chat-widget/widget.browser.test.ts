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
import { memoryBlobs } from '../../test/support/context.ts';
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

  const begin = async (given: object = {}, attributes = '', parts: Parameters<typeof startHarness>[1] = {}): Promise<void> => {
    harness = await startHarness({ title: 'Academia Corpo Vivo', ...given }, parts);
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
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
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

  it('begins where something must be filled in, and Enter leads from field to field to the message', async () => {
    await begin({ askName: 'required', askEmail: 'optional' });
    await opener().click();
    await page.keyboard.type('Bruna');
    await page.keyboard.press('Enter');
    await page.keyboard.type('bruna@novaera.example');
    await page.keyboard.press('Enter');
    await page.keyboard.type('oi');
    await page.keyboard.press('Enter');
    await vi.waitFor(() => expect(harness.accepted).toMatchObject([{ text: 'oi', name: 'Bruna', email: 'bruna@novaera.example' }]));
  });

  it('asks what ops want to know, says what is missing, and shows the answers above the first words only', async () => {
    const preChat = [
      { key: 'unit', kind: 'choice', label: { en: 'Gym', 'pt-BR': 'Unidade' }, choices: ['Centro', 'Sul'], required: true },
      { key: 'phone', kind: 'phone', country: 'BR' },
    ];
    await begin({ askName: 'no', askEmail: 'no', preChat });
    await opener().click();
    await say('a catraca não libera');
    await page.getByRole('alert').getByText('Por favor, preencha este campo').waitFor();
    expect(await page.evaluate(() => document.querySelector('deskbridge-chat')?.shadowRoot?.activeElement?.id)).toBe('ask-own-unit');
    await page.getByLabel('Unidade').selectOption('Sul');
    await page.getByLabel('Número de telefone').fill('ligue já');
    await input().press('Enter');
    await page.getByText('Isto não parece um número de telefone').waitFor();
    await page.getByLabel('Número de telefone').fill('11 93000-1001');
    await input().press('Enter');
    await page.locator('.message.mine.sent').waitFor();
    await say('e a impressora também');
    await vi.waitFor(() => expect(harness.accepted).toHaveLength(2));
    expect(harness.accepted).toMatchObject([{ text: 'a catraca não libera', answers: [{ label: 'Unidade', value: 'Sul' }, { number: '+5511930001001' }] }, {}]);
    expect(harness.accepted[1]).not.toHaveProperty('answers');
    await vi.waitFor(async () =>
      expect(await page.locator('.message.sent .bubble').allInnerTexts()).toEqual([
        'Unidade: Sul\nNúmero de telefone: 11 93000-1001\n\na catraca não libera',
        'e a impressora também',
      ]),
    );
  });

  it('sends the words all the same when the server refuses an address that the form let through', async () => {
    await begin();
    await opener().click();
    await page.getByLabel('Seu e-mail').fill('josé@academia.example');
    await say('oi');
    await page.locator('.message.mine.sent').waitFor();
    expect(harness.accepted).toMatchObject([{ text: 'oi' }]);
    expect(harness.accepted[0]).not.toHaveProperty('email');
  });

  it('says when somebody is back while nobody is there, and takes messages all the same', async () => {
    // Friday 20:00 in São Paulo; open again on Monday.
    const now = Date.parse('2026-11-20T23:00:00Z');
    await page.clock.setFixedTime(now);
    await begin({ hours: { zone: 'America/Sao_Paulo', week: { 'mon-fri': '08:00-18:00' } } }, '', { now: () => now });
    await opener().click();
    await page
      .getByRole('status')
      .getByText(/Voltamos segunda-feira, 23 de novembro, às \d\d:00\./)
      .waitFor();
    await say('oi');
    await vi.waitFor(() => expect(harness.accepted).toHaveLength(1));
  });

  it('is silent about hours while somebody is there', async () => {
    const now = Date.parse('2026-11-20T15:00:00Z');
    await page.clock.setFixedTime(now);
    await begin({ hours: { zone: 'America/Sao_Paulo', week: { 'mon-fri': '08:00-18:00' } } }, '', { now: () => now });
    await opener().click();
    expect(await page.locator('.absence').isHidden()).toBe(true);
  });

  it('shows that an agent types until the answer is there, reads it out once, and tells the agent likewise', async () => {
    await begin();
    await opener().click();
    await say('oi');
    const who = await visitor();
    await vi.waitFor(() => expect(harness.open.size).toBe(1));
    await page.locator('[aria-live=polite]').evaluate((announcer) => {
      const heard: string[] = [];
      new MutationObserver(() => heard.push(announcer.textContent ?? '')).observe(announcer, { childList: true });
      Object.assign(window, { heard });
    });
    harness.types(who, 'Ana');
    await page.locator('.typing').getByText('Ana está digitando…').waitFor();
    harness.types(who, 'Ana');
    harness.say(who, 'Olá!');
    await dialog().getByText('Olá!', { exact: true }).waitFor();
    expect(await page.locator('.typing').isHidden()).toBe(true);
    expect(await page.evaluate(() => Reflect.get(window, 'heard'))).toEqual(['Ana está digitando…', 'Ana: Olá!']);
    expect(harness.typed).toEqual([]);
    await input().pressSequentially('obrigada pela resposta');
    await vi.waitFor(() => expect(new Set(harness.typed)).toEqual(new Set([who])));
  });

  it('tells what the visitor has read once they look at it, and not before', async () => {
    await begin();
    await opener().click();
    await say('oi');
    const who = await visitor();
    await vi.waitFor(() => expect(harness.open.size).toBe(1));
    await page.keyboard.press('Escape');
    const { id } = harness.say(who, 'Olá!');
    await page.getByRole('button', { name: 'Abrir o chat, 1 não lidas' }).waitFor();
    expect(harness.accepted).toHaveLength(1);
    await opener().click();
    await vi.waitFor(() => expect(harness.accepted).toMatchObject([{}, { kind: 'read', visitor: who, messages: [id] }]));
    await page.reload();
    await dialog().getByText('Olá!', { exact: true }).waitFor();
    expect(harness.accepted).toHaveLength(2);
  });

  it('takes files that are dropped onto it or pasted, wherever in the panel', async () => {
    await begin();
    await opener().click();
    const give = (kind: 'dragenter' | 'drop' | 'paste', on: string, name: string) =>
      page.locator(on).evaluate(
        (target, { kind, name }) => {
          const data = new DataTransfer();
          data.items.add(new File(['oi'], name, { type: 'text/plain' }));
          const how = { bubbles: true, cancelable: true, composed: true };
          target.dispatchEvent(
            kind === 'paste' ? new ClipboardEvent(kind, { ...how, clipboardData: data }) : new DragEvent(kind, { ...how, dataTransfer: data }),
          );
        },
        { kind, name },
      );
    await give('dragenter', '.scroller', 'a.txt');
    await page.getByText('Solte os arquivos aqui para enviar').waitFor();
    await give('drop', '.scroller', 'a.txt');
    await page.getByText('Solte os arquivos aqui para enviar').waitFor({ state: 'hidden' });
    await give('paste', '.panel header', 'b.txt');
    await page.getByRole('button', { name: 'Remover b.txt' }).waitFor();
    await page.getByRole('button', { name: 'Remover a.txt' }).waitFor();
    await page.keyboard.press('Enter');
    await vi.waitFor(() => expect(harness.accepted).toMatchObject([{ files: [{ name: 'a.txt' }, { name: 'b.txt' }] }]));
  });

  it('shows how far an upload is, and lets it be cancelled without losing the focus', async () => {
    let taken = 0;
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const blobs = memoryBlobs();
    const put: typeof blobs.put = async (source, options) => {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        taken += chunk.length;
        await gate;
      }
      return blobs.put(Buffer.from('x'), options);
    };
    await begin({}, '', { blobs: { ...blobs, put } });
    await opener().click();
    await page.locator('input[type=file]').setInputFiles([{ name: 'video.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(18_000_000) }]);
    const bar = page.getByRole('progressbar', { name: 'Envio de video.mp4' });
    await vi.waitFor(async () => expect(await bar.evaluate((one) => (one as HTMLProgressElement).value)).toBeGreaterThan(0));
    expect(await bar.evaluate((one) => (one as HTMLProgressElement).value)).toBeLessThan(1);
    await input().fill('sem o vídeo');
    expect(await page.getByRole('button', { name: 'Enviar', exact: true }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Cancelar o envio de video.mp4' }).click();
    expect(await bar.count()).toBe(0);
    expect(await input().evaluate((one) => (one.getRootNode() as ShadowRoot).activeElement === one)).toBe(true);
    open();
    await page.keyboard.press('Enter');
    await vi.waitFor(() => expect(harness.accepted).toMatchObject([{ text: 'sem o vídeo', files: [] }]));
    expect(taken).toBeLessThan(18_000_000);
  });

  it('gives the conversation as a text to keep', async () => {
    await begin();
    await opener().click();
    expect(await page.getByRole('button', { name: 'Salvar a conversa' }).isHidden()).toBe(true);
    await say('oi');
    harness.say(await visitor(), 'Olá!\nComo vai?');
    await dialog().getByText('Como vai?').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Salvar a conversa' }).click()]);
    expect(download.suggestedFilename()).toMatch(/^chat-\d{4}-\d\d-\d\d\.txt$/);
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/^Academia Corpo Vivo\r\n[\s\S]*Você: oi\r\n\[[^\]]+\] Ana: Olá!\r\n {4}Como vai\?\r\n$/);
  });

  it('holds the focus inside while it is open, both ways round', async () => {
    await begin();
    await opener().click();
    await input().fill('oi');
    const focused = () =>
      page.evaluate(() => {
        const element = document.querySelector('deskbridge-chat')?.shadowRoot?.activeElement;
        return element?.getAttribute('aria-label') ?? element?.id;
      });
    const stops = [];
    for (let i = 0; i < 9; i += 1) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
    }
    const round = ['Enviar', 'Fechar o chat', 'Mensagens', 'ask-name', 'ask-email', 'Anexar um arquivo', 'Escreva uma mensagem'];
    expect(stops).toEqual([...round, ...round.slice(0, 2)]);
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('Enviar');
  });

  it('stands in the corner and with the corners that ops chose', async () => {
    await begin({ corner: 'left', radius: 0 });
    const bubble = await opener().boundingBox();
    expect(bubble?.x).toBe(20);
    await opener().click();
    expect(await page.locator('.panel').evaluate((panel) => getComputedStyle(panel).borderRadius)).toBe('0px');
    expect((await page.locator('.panel').boundingBox())?.x).toBe(20);
  });

  it('follows the system into the dark where ops let it, and back', async () => {
    const ground = () => page.locator('.panel').evaluate((panel) => getComputedStyle(panel).backgroundColor);
    await page.emulateMedia({ colorScheme: 'dark' });
    await begin({ scheme: 'auto' });
    await opener().click();
    const dark = await ground();
    await page.emulateMedia({ colorScheme: 'light' });
    await vi.waitFor(async () => expect(await ground()).toBe('rgb(245, 247, 250)'));
    expect(dark).toBe('rgb(22, 29, 41)');
  });

  it('moves nothing where the system asks for stillness', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await begin();
    await opener().click();
    await say('oi');
    const who = await visitor();
    await vi.waitFor(() => expect(harness.open.size).toBe(1));
    harness.types(who, 'Ana');
    await page.locator('.typing').waitFor();
    const moving = await page.evaluate(
      () => document.querySelector('deskbridge-chat')?.shadowRoot?.querySelector('.root')?.getAnimations({ subtree: true }).length,
    );
    expect(moving).toBe(0);
  });

  it.each([
    ['light', 1200, 800],
    ['light', 390, 844],
    ['dark', 390, 844],
  ] as const)('has nothing for axe to complain about: %s at %i x %i', async (scheme, width, height) => {
    await page.setViewportSize({ width, height });
    const preChat = [{ key: 'unit', kind: 'choice', label: 'Unidade', choices: ['Centro', 'Sul'] }];
    const closed = new Date(Date.now() + 3 * 86_400_000).toISOString();
    await begin({ scheme, preChat, hours: { zone: 'UTC', week: { 'mon-sun': '12:00-12:01' }, closed: [closed.slice(0, 10)] } });
    await opener().click();
    await page.getByLabel('Seu nome').waitFor();
    const look = () => new AxeBuilder({ page }).include('deskbridge-chat').analyze();
    expect((await look()).violations).toEqual([]);
    await say('oi');
    harness.say(await visitor(), 'Veja https://example.com/ajuda');
    await dialog().getByRole('link').waitFor();
    await page.locator('.message.sent').first().waitFor();
    harness.types(await visitor(), 'Ana');
    await page.locator('input[type=file]').setInputFiles([
      { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') },
      { name: 'vazio.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
    ]);
    await page.getByRole('button', { name: 'Tentar de novo' }).waitFor();
    expect((await look()).violations).toEqual([]);
  });

  it('fills a phone’s screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await begin();
    await opener().click();
    await page.locator('.panel').evaluate((panel) => Promise.all(panel.getAnimations().map((animation) => animation.finished)));
    expect(await page.locator('.panel').boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
    expect(await dialog().getAttribute('aria-modal')).toBe('true');
    const scrolls = () => page.evaluate(() => getComputedStyle(document.documentElement).overflow !== 'hidden');
    expect(await scrolls()).toBe(false);
    await page.keyboard.press('Escape');
    expect(await scrolls()).toBe(true);
    expect(await page.evaluate(() => document.querySelector('deskbridge-chat')?.shadowRoot?.activeElement?.className)).toBe('launcher');
  });

  it('stays above a phone’s keyboard, and alone when somebody zooms in', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    // No browser on a test machine has a keyboard on its screen; what it does to the visual viewport is put in its place.
    await page.addInitScript(() => {
      const view = Object.assign(new EventTarget(), { height: 844, offsetTop: 0, scale: 1 });
      Object.defineProperty(window, 'visualViewport', { value: view });
    });
    await begin();
    await opener().click();
    const view = (change: object) =>
      page.evaluate((values) => {
        Object.assign(window.visualViewport as EventTarget, values).dispatchEvent(new Event('resize'));
      }, change);
    const box = () => page.locator('.panel').boundingBox();
    await view({ height: 500, offsetTop: 60 });
    await vi.waitFor(async () => expect(await box()).toEqual({ x: 0, y: 60, width: 390, height: 500 }));
    const sending = await page.getByRole('button', { name: 'Enviar', exact: true }).boundingBox();
    expect((sending?.y ?? 0) + (sending?.height ?? 0)).toBeLessThan(560);
    await view({ height: 422, offsetTop: 100, scale: 2 });
    await vi.waitFor(async () => expect(await box()).toEqual({ x: 0, y: 0, width: 390, height: 844 }));
  });

  it('speaks the language that the script tag asks for', async () => {
    await begin({}, 'data-language="de"');
    await page.getByRole('button', { name: 'Chat öffnen' }).waitFor();
  });
});
