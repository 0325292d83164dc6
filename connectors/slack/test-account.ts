/** One made-up workspace for tests that need names: Maria, Ana who is an agent, a guest, a partner of another workspace, another bot. */
import type { Closings, Context } from '../../src/kit/index.ts';
import { type Listening, listen } from '../../src/kit/simulator.ts';
import { testContext } from '../../test/support/context.ts';
import slack from './index.ts';
import { type SlackSettings, settings } from './settings.ts';
import { type SimulatedSlack, type SlackOptions, simulatedChannel } from './simulator.ts';

export interface TestAccount {
  readonly slack: SimulatedSlack;
  readonly vendor: Listening;
  context(more?: Readonly<Record<string, unknown>>, parts?: Partial<Context<SlackSettings>>): Context<SlackSettings>;
  channel(more?: Readonly<Record<string, unknown>>, parts?: Partial<Context<SlackSettings>>): ReturnType<typeof slack.create>;
  close(): Promise<void>;
}

export async function testAccount(options: SlackOptions = {}): Promise<TestAccount> {
  const account = simulatedChannel(options);
  const vendor = await listen(account.app);
  const base = account.settings(vendor.url);
  const { workspace } = account;
  workspace.user({ id: 'maria', name: 'Maria Souza', email: 'Maria@CorpoVivo.example' });
  workspace.user({ id: 'ana', name: 'Ana Lima', email: 'ana@desk.example' });
  workspace.user({ id: 'guest', name: 'Gil Convidado', email: 'gil@gym.example' }, { guest: true });
  workspace.user({ id: 'partner', name: 'Paula Parceira', email: 'ana@desk.example' }, { team: 'T0PARTNER' });
  workspace.user({ id: 'robot', name: 'Robô' }, { bot: true });
  const closings = {
    agent: async (email: string) => (email === 'ana@desk.example' ? { id: 'a1', name: 'Ana Lima', locale: 'pt-BR' } : undefined),
  } as unknown as Closings;
  const context: TestAccount['context'] = (more = {}, parts = {}) => testContext(settings.parse({ ...base, ...more }), { closings, ...parts });
  return {
    slack: account,
    vendor,
    context,
    channel: (more, parts) => slack.create(context(more, parts)),
    async close() {
      await account.close();
      await vendor.close();
    },
  };
}
