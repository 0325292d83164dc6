/** Chats that their vendor ended: the agent is reminded and the leads are told until none is left; and chats that already are a ticket there. By keys. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joined } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConversationRow, TicketRow } from '../../../src/api/contract.ts';
import { browserMissing, browserTitle, openBrowser, picture } from '../../support/browser.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { type ToyChannel, toyChannel, written } from '../../support/toy-channel.ts';
import { type Agent, end, file, join, keys, ready } from './agent.ts';
import { buildWhatIsStale } from './product.ts';

describe.skipIf(browserMissing())(`chats that ended elsewhere, ${browserTitle}`, { timeout: 60_000 }, () => {
  let server: TestServer;
  let browser: Browser;
  let toy: ToyChannel;
  let mappings: string;
  let lead: Agent;
  let ben: Agent;

  beforeAll(async () => {
    await buildWhatIsStale();
    mappings = await mkdtemp(joined(tmpdir(), 'mappings-'));
    const own = await readFile(joined(import.meta.dirname, '../../../mappings/default.yaml'), 'utf8');
    await writeFile(joined(mappings, 'default.yaml'), `${own}\nended_elsewhere: { chat: propose-pending, remind_agent: 0m, tell_lead_at: "00:00" }\n`);
    toy = toyChannel();
    server = await startTestServer({
      config: { channels: { chat: { connector: 'toy', title: 'Chat' } }, hold_seconds: 0 },
      registry: toy.registry,
      environment: { MAPPINGS_DIR: mappings },
    });
    browser = await openBrowser();
    const invited = async (name: string, role: 'admin' | 'agent') => {
      const { body } = await server.call<{ link: string }>(server.admin, '/api/agents', { method: 'POST', body: { name, email: '', role } });
      return join(browser, new URL(new URL(body.link).pathname, server.url).href, { name, email: `${name.toLowerCase()}@desk.example` });
    };
    lead = await invited('Lea', 'admin');
    ben = await invited('Ben', 'agent');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(mappings, { recursive: true, force: true });
  });

  const find = async (name: string): Promise<string> => {
    const { body } = await server.call<{ items: ConversationRow[] }>(server.admin, `/api/conversations?view=any&words=${name}`);
    const found = body.items.find(({ contact }) => contact.name === name);
    if (!found) throw new Error(`no conversation of ${name}`);
    return found.id;
  };
  const agentId = async (name: string): Promise<string> => {
    const { body } = await server.call<{ items: { id: string; name: string }[] }>(server.admin, '/api/agents');
    return body.items.find((one) => one.name === name)?.id ?? '';
  };
  const inbox = async (page: Page): Promise<void> => {
    await page.goto(`${server.url}/inbox`);
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
  };
  const banner = (page: Page) => page.locator('.banner').filter({ hasText: 'ended without a ticket' });
  const reminder = ({ page }: Agent) => page.getByRole('alert').filter({ hasText: 'The conversation with Diego ended without a ticket.' });

  it('reminds the agent whose it is and tells the leads, who see it in a banner and in the navigation', async () => {
    const at = Date.now() - 48 * 3_600_000;
    await toy.hear(written('+5511987600001', 'The turnstile stands still', { id: 'd-1', at, name: 'Diego' }));
    const id = await find('Diego');
    await server.call(server.admin, `/api/conversations/${id}/assignee`, { method: 'PUT', body: { agent: await agentId('Ben') } });
    await toy.hear({ type: 'ended', thread: '5511987600001', at: at + 60_000 });
    await reminder(ben).waitFor();
    await banner(lead.page).getByText('1 conversation ended without a ticket and still waits.').waitFor();
    await lead.page.getByRole('link', { name: /^Inbox\W*1$/ }).waitFor();
    expect(await banner(ben.page).count()).toBe(0);
    expect(await reminder(lead).count()).toBe(0);
    await picture(ben.page, 'reminder');

    await banner(lead.page).getByRole('link', { name: 'Show them' }).click();
    await lead.page.getByRole('link').filter({ hasText: 'Diego' }).getByText('Reminded').waitFor();
    expect(await lead.page.locator('.view-tab[aria-current=page]').allInnerTexts()).toEqual([expect.stringContaining('Without a ticket')]);
    expect((await new AxeBuilder({ page: lead.page }).analyze()).violations.map(({ id: rule, nodes }) => [rule, nodes[0]?.html])).toEqual([]);
    await picture(lead.page, 'ended-without-a-ticket');
  });

  it('leads from the reminder into the dialog, and once it is filed nobody is reminded any more', async () => {
    const { page, dialog } = ben;
    const other = await ben.tab();
    await inbox(other);
    await reminder(ben).getByRole('link', { name: 'File it' }).click();
    await dialog.locator('.file-bar button').waitFor();
    // The mapping proposes how it goes on.
    expect(await dialog.getByRole('radio', { name: /^Pending/ }).isChecked()).toBe(true);
    await keys(page, 'Enter', 'Enter', 'nobody answered', 'Tab', '2');
    await file(ben);
    await banner(lead.page).waitFor({ state: 'detached' });
    await lead.page.getByRole('link', { name: 'Inbox', exact: true }).waitFor();
    expect(await reminder(ben).count()).toBe(0);
    await other.close();
  });

  it('takes the reminder away when somebody else has done it', async () => {
    const at = Date.now();
    await toy.hear(written('+5511987600002', 'The door is open', { id: 'd-2', at, name: 'Diego Two' }), { type: 'ended', thread: '5511987600002', at: at + 1 });
    const asked = (page: Page) => page.getByRole('alert').filter({ hasText: 'Diego Two ended without' });
    await asked(ben.page).waitFor();
    await asked(lead.page).waitFor();
    const id = await find('Diego Two');
    const { decision, preview } = await server.plan(id);
    await server.call(server.admin, `/api/conversations/${id}/closings`, {
      method: 'POST',
      body: { decision, digest: preview.digest },
      headers: { 'idempotency-key': 'other' },
    });
    await asked(ben.page).waitFor({ state: 'detached' });
    await asked(lead.page).waitFor({ state: 'detached' });
  });

  describe('a chat that already is a ticket at its vendor', () => {
    let ticket: TicketRow;
    const chat = async (thread: string, name: string, text: string): Promise<void> => {
      const { helpdesk, id, number, url } = ticket;
      await toy.hear(written(`+${thread}`, text, { id: `said-${thread}`, name }), {
        type: 'ticket',
        thread,
        at: Date.now(),
        ticket: { helpdesk, id, number, url: url ?? '' },
      });
      await ben.page.goto(`${server.url}/conversations/${await find(name)}`);
      await ben.page.getByRole('region', { name: 'Messages' }).getByText(text).first().waitFor();
    };
    const tickets = async () => (await server.call<{ items: TicketRow[] }>(server.admin, '/api/tickets')).body.items;

    it('is added to it by the keys of any other addition, without a question', async () => {
      await expect.poll(async () => (await tickets()).length, { timeout: 10_000 }).toBe(2);
      ticket = (await tickets()).at(-1) as TicketRow;
      await chat('5511987600003', 'Pati', 'Three pictures of the error');
      await end(ben);
      await ben.dialog.getByText('this chat already is this ticket').waitFor();
      expect(await ben.dialog.getByRole('radio', { name: new RegExp(`#${ticket.number}`) }).isChecked()).toBe(true);
      await picture(ben.page, 'native-ticket');
      await keys(ben.page, 'Enter', 'pictures added to it');
      expect(await ben.dialog.getByText('Open another one?').count()).toBe(0);
      await file(ben);
      expect(await tickets()).toHaveLength(2);
    });

    it('asks once before it opens another', async () => {
      const { page, dialog } = ben;
      await chat('5511987600004', 'Carlos', 'Something else is broken');
      await end(ben);
      await dialog.getByText('this chat already is this ticket').waitFor();
      await keys(page, 'n', '2', 'Enter', 'another problem indeed', 'Tab', '2');
      await dialog.getByRole('alert').getByText(`This chat already is ticket #${ticket.number}`).waitFor();
      await ready(ben);
      await picture(page, 'second-ticket');
      await keys(page, 'Control+Enter');
      await dialog.getByText('Open another one?').waitFor({ state: 'detached' });
      expect(await tickets()).toHaveLength(2);
      await file(ben);
      await expect.poll(async () => (await tickets()).length, { timeout: 10_000 }).toBe(3);
      expect([...lead.problems, ...ben.problems]).toEqual([]);
    });
  });
});
