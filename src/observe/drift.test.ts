import { beforeEach, describe, expect, it } from 'vitest';
import { memoryRecords, quiet, testClock } from '../../test/support/context.ts';
import { ConnectorError, type DeskField, type DeskSchema, type Helpdesk } from '../kit/index.ts';
import { compiled, GYM_FILE, lineWith } from '../mapping/gym-desk.ts';
import { impliedSchema } from '../mapping/sample.ts';
import { createDesks } from '../tickets/desks.ts';
import { createDrift, type Drift } from './drift.ts';

const gym = compiled();
const sound = impliedSchema(gym, gym.helpdesk);
const field = (name: string, more: Partial<DeskField> = {}): DeskField => ({ name, label: `The ${name}`, type: 'text', required: 'always', ...more });

let schema: DeskSchema;
let down: boolean;
let clock: ReturnType<typeof testClock>;
let make: () => Drift;
let told: string[];
beforeEach(() => {
  schema = sound;
  down = false;
  clock = testClock();
  told = [];
  const records = memoryRecords();
  const helpdesk = {
    async schema() {
      if (down) throw new ConnectorError('unavailable', 'no answer', { retry: 'backoff' });
      return schema;
    },
  } as unknown as Helpdesk;
  const capabilities = { privateFirstComment: true, maxFileBytes: 1, maxTicketBytes: 1, companies: true, closedIsFinal: true };
  make = () => {
    const one = { name: gym.helpdesk, title: 'F', connector: 'f', mails: null, capabilities, helpdesk, records };
    const desks = createDesks([one], { now: clock.now, log: quiet });
    const mappings = { current: () => ({ mappings: new Map([[gym.file, gym]]), problems: [] }) };
    return createDrift({ mappings, desks, now: clock.now, log: { ...quiet, warn: (data: object) => void told.push((data as { message: string }).message) } });
  };
});

const later = async (drift: Drift): Promise<readonly string[]> => {
  clock.advance(11 * 60_000);
  await drift.look();
  return drift.problems().map(({ message }) => message);
};

describe('a helpdesk that changes under a mapping', () => {
  it('is told of once it renames a status, with file and line, and no more once it has its name back', async () => {
    const drift = make();
    expect(await later(drift)).toEqual([]);
    schema = { ...sound, statuses: sound.statuses.map((one) => (one.label === 'Pendente' ? { ...one, id: '3', label: 'Pendentes' } : one)) };
    expect(await later(drift)).toEqual([`${gym.helpdesk} has no status "Pendente"; did you mean "Pendentes"?`]);
    expect(drift.problems()).toMatchObject([{ file: GYM_FILE, line: lineWith(`${gym.helpdesk}: Pendente`) }]);
    await later(drift);
    expect(told).toHaveLength(1);
    schema = sound;
    expect(await later(drift)).toEqual([]);
  });

  it('is told of when it makes a field mandatory, also across a restart, for two weeks', async () => {
    schema = { ...sound, fields: [...sound.fields, field('cf_old')] };
    await later(make());
    schema = { ...schema, fields: [...schema.fields, field('cf_new', { required: 'to-resolve' }), field('cf_free', { required: 'never' })] };
    const news = `${gym.helpdesk} now requires The cf_new (cf_new) to resolve a ticket: agents are asked for it unless \`fields\` gives it`;
    expect(await later(make())).toEqual([news]);
    const drift = make();
    expect(await later(drift)).toEqual([news]);
    clock.advance(14 * 24 * 3_600_000);
    expect(await later(drift)).toEqual([]);
  });

  it('says nothing of a field that counts only while another has a value', async () => {
    await later(make());
    schema = { ...sound, fields: [...sound.fields, field('cf_new', { when: { field: 'cf_produto', values: ['Totem'] } })] };
    expect(await later(make())).toEqual([]);
  });

  it('is judged by what it said last while it does not answer', async () => {
    const drift = make();
    expect(await later(drift)).toEqual([]);
    down = true;
    expect(await later(drift)).toEqual([]);
    expect(told).toEqual([]);
  });
});
