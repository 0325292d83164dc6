/** The commands as people call them: real processes, their words and their exit codes. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Journey, startJourney } from '../support/journey.ts';

const root = join(import.meta.dirname, '../..');
const node = join(root, 'node_modules/.bin/node');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskbridge-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** In an empty folder, so that nobody's deskbridge.yaml or data takes part. */
const run = (args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH ?? '', MAPPINGS_DIR: join(root, 'mappings'), LOG_LEVEL: 'silent', ...environment };
    execFile(node, [join(root, 'src/cli/bin.mjs'), ...args], { cwd: folder, env, maxBuffer: 2 ** 26 }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    );
  });

const academias = join(root, 'mappings/academias.yaml');
const written = async (name: string, change: (text: string) => string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, change(await readFile(academias, 'utf8')));
  return path;
};

describe('deskbridge', () => {
  it.each([
    [['--help']],
    [['mapping', 'check', '--help']],
    [['token', 'create', '--help']],
    [['replay', '--help']],
    [['connectors', '--help']],
    [['openapi', '--help']],
  ])('helps: %j', async (args) => {
    expect(await run(args)).toMatchObject({ code: 0, out: expect.stringContaining('Usage: deskbridge') });
  });

  it.each([[['dance']], [['mapping', 'check', '--loud']], [['mapping', 'diff', 'one.yaml']], [['token', 'create', 'x', '--role', 'king']], [['replay']]])(
    'leaves with 2 and a sentence where the call is wrong: %j',
    async (args) => {
      const { code, err } = await run(args);
      expect(code).toBe(2);
      expect(err).not.toContain('    at ');
      expect(err.trim()).not.toBe('');
    },
  );

  it('names what is wrong with the environment and the configuration', async () => {
    const config = join(folder, 'bad.yaml');
    await writeFile(config, 'helpdesks:\n  gym:\n    connector: freshdsk\n');
    expect(await run(['start'], { PORT: 'many' })).toMatchObject({ code: 2, err: expect.stringContaining('PORT') });
    expect(await run(['mapping', 'check', '--live'], { DESKBRIDGE_CONFIG: config })).toMatchObject({ code: 2, err: expect.stringContaining('bad.yaml:3') });
  });

  it('says what it needs to a Node that cannot run it', async () => {
    const entry = await readFile(join(root, 'src/cli/bin.mjs'), 'utf8');
    const old = join(folder, 'old.mjs');
    await writeFile(old, entry.replaceAll('process.versions.node', "'20.20.2'"));
    const ran = await new Promise<Ran>((resolve) => execFile(node, [old], (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err })));
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('needs Node 22.18') });
  });
});

describe('deskbridge mapping', () => {
  it('finds the shipped mappings good', async () => {
    const { code, out } = await run(['mapping', 'check']);
    expect(out).toMatch(/academias\.yaml: good, \d+ of \d+ examples hold/);
    expect(code).toBe(0);
  });

  it('tells a typo by file and line, in words and as JSON, and leaves with 1', async () => {
    const broken = join(folder, 'broken');
    await cp(join(root, 'mappings'), broken, { recursive: true });
    const good = await readFile(academias, 'utf8');
    await writeFile(join(broken, 'academias.yaml'), good.replace('priority: urgent', 'prioridade: urgent'));
    const line = good.split('\n').findIndex((text) => text.includes('priority: urgent')) + 1;
    expect(await run(['mapping', 'check', broken])).toMatchObject({ code: 1, out: expect.stringContaining(`broken/academias.yaml:${line}: `) });
    const { code, out } = await run(['mapping', 'check', broken, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out).files).toContainEqual(expect.objectContaining({ file: 'broken/academias.yaml', ok: false }));
  });

  it('runs the examples: one that does not hold is told by its line', async () => {
    const one = join(folder, 'examples');
    await cp(join(root, 'mappings'), one, { recursive: true });
    const good = await readFile(academias, 'utf8');
    const text = good.replace('due: "2026-11-23T18:00", priority: medium', 'due: "2026-11-23T18:00", priority: low');
    const line = text.split('\n').findIndex((each) => each.includes('2026-11-23T18:00", priority: low')) + 1;
    await writeFile(join(one, 'academias.yaml'), text);
    expect(await run(['mapping', 'check', one])).toMatchObject({
      code: 1,
      out: expect.stringContaining(`examples/academias.yaml:${line}: priority should be "low" and is "medium"`),
    });
  });

  it('previews a sample with the reason and line of each value', async () => {
    const sample = join(folder, 'sample.json');
    const outcome = { status: 'visita-presencial', date: 'to-be-agreed' };
    await writeFile(
      sample,
      JSON.stringify({ now: '2026-11-18T09:00:00-03:00', messages: ['a catraca está livre', 'obrigada! 🙏'], outcome, impact: 'catraca-livre' }),
    );
    const { code, out } = await run(['mapping', 'preview', academias, '--sample', sample]);
    expect(code).toBe(0);
    expect(out).toMatch(/priority +urgent .*academias\.yaml:\d+/);
    expect(out).toContain('"obrigada! 🙏": a courtesy');
    expect(out).toContain('tells agenda-de-visitas');
    const json = JSON.parse((await run(['mapping', 'preview', academias, '--sample', sample, '--json'])).out);
    expect(json.rows).toContainEqual(expect.objectContaining({ name: 'group', value: 'Campo' }));
  });

  it.each([
    ['is no JSON', '{', 'is not JSON'],
    ['has a key too many', '{"mesages": []}', 'mesages'],
  ])('leaves with 2 where the sample %s', async (_what, text, told) => {
    const sample = join(folder, 'bad.json');
    await writeFile(sample, text);
    expect(await run(['mapping', 'preview', academias, '--sample', sample])).toMatchObject({ code: 2, err: expect.stringContaining(told) });
  });

  it('tells by cases what a change changes', async () => {
    const changed = await written('changed.yaml', (text) => text.replace('{ id: duvida,        priority: low,', '{ id: duvida,        priority: medium,'));
    expect(await run(['mapping', 'diff', academias, academias])).toMatchObject({ code: 0, out: 'No case comes out differently.\n' });
    const { code, out } = await run(['mapping', 'diff', academias, changed]);
    expect(code).toBe(0);
    expect(out).toMatch(/priority: "low" becomes "medium"/);
    expect(JSON.parse((await run(['mapping', 'diff', academias, changed, '--json'])).out).changes).toContainEqual(
      expect.objectContaining({ before: 'low', after: 'medium' }),
    );
    expect(await run(['mapping', 'diff', academias, join(folder, 'nowhere.yaml')])).toMatchObject({ code: 2, err: expect.stringContaining('nowhere.yaml') });
  });
});

describe('deskbridge connectors', () => {
  it('lists each with its settings, secrets marked', async () => {
    const { connectors } = JSON.parse((await run(['connectors', '--json'])).out);
    const email = connectors.find(({ id }: { id: string }) => id === 'email');
    expect(email).toMatchObject({
      kind: 'channel',
      settings: expect.arrayContaining([expect.objectContaining({ name: 'imap.password', default: 'required', secret: true })]),
    });
    expect(await run(['connectors', 'desk'])).toMatchObject({ code: 0, out: expect.stringMatching(/^desk: .*\n +groups +\[\]/) });
    expect(await run(['connectors', 'nobody'])).toMatchObject({ code: 1, err: expect.stringContaining('There is no connector "nobody"') });
  });
});

describe('with a server', () => {
  let day: Journey;
  beforeAll(async () => {
    day = await startJourney();
  });
  afterAll(() => day.stop());

  const token = async (...args: string[]) => (await run(['token', 'create', ...args], { DATA_DIR: join(day.folder, 'data') })).out.trim();
  const withToken = async (role: string, ...args: string[]): Promise<Ran> => run(args, { DESKBRIDGE_TOKEN: await token('for replay', '--role', role) });
  const status = async (bearer: string, path: string) => (await fetch(day.url + path, { headers: { authorization: `Bearer ${bearer}` } })).status;

  it('makes tokens while it runs, each with its role, shown once', async () => {
    const agent = await token('reports');
    const admin = JSON.parse(await token('ops', '--role', 'admin', '--json'));
    expect([await status(agent, '/api/conversations'), await status(agent, '/api/tokens')]).toEqual([200, 403]);
    expect(await status(admin.token, '/api/tokens')).toBe(200);
  });

  it('makes none in a folder without data', async () => {
    expect(await run(['token', 'create', 'x'], { DATA_DIR: join(folder, 'nothing') })).toMatchObject({
      code: 2,
      err: expect.stringContaining('there is no data'),
    });
  });

  it('replays what was quarantined, and says what is still not understood', async () => {
    const edit = { type: 'edited', conversation: 'r-1', id: 'r-1-m1', at: Date.now(), text: 'a catraca não libera ninguém' };
    await day.post('utalk', edit);
    await day.post('utalk', { type: 'dance', conversation: 'r-1' });
    await day.post('utalk', { type: 'message', conversation: 'r-1', id: 'r-1-m1', at: Date.now(), from: { id: 'r', role: 'contact' }, text: 'a catraca' });
    const { code, out } = await withToken('admin', 'replay', '--all', '--url', day.url);
    expect(out).toMatch(/^1 understood now, 1 still not: \S+\.\n$/);
    expect(code).toBe(1);
    const [chat] = await day.inbox('utalk');
    expect((await day.detail(chat?.id ?? '')).messageList[0]?.text).toBe('a catraca não libera ninguém');
  });

  it('refuses to replay without the right token, and says when no server answers', async () => {
    expect(await run(['replay', '--all', '--url', day.url])).toMatchObject({ code: 2, err: expect.stringContaining('DESKBRIDGE_TOKEN') });
    expect(await run(['replay', '--all', '--url', day.url], { DESKBRIDGE_TOKEN: 'db_wrong' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('does not know this token'),
    });
    expect(await withToken('agent', 'replay', '--all', '--url', day.url)).toMatchObject({ code: 2, err: expect.stringContaining('--role admin') });
    expect(await withToken('admin', 'replay', '--all', '--url', 'http://127.0.0.1:9')).toMatchObject({
      code: 1,
      err: expect.stringContaining('No server answers'),
    });
  });

  it('compares mappings with the live helpdesks', async () => {
    const { helpdesks } = parse(await readFile(join(day.folder, 'deskbridge.yaml'), 'utf8')) as { helpdesks: Record<string, Record<string, unknown>> };
    const config = join(folder, 'live.yaml');
    const addresses = day.addresses;
    await writeFile(
      config,
      stringify({
        helpdesks: {
          'freshdesk-br': { ...helpdesks['freshdesk-br'], address: addresses.freshdesk },
          'zendesk-br': { ...helpdesks['zendesk-br'], address: addresses.zendesk },
        },
      }),
    );
    const environment = { DESKBRIDGE_CONFIG: config, EGRESS_ALLOW_LOOPBACK: '1' };
    expect(await run(['mapping', 'check', '--live'], environment)).toMatchObject({ code: 0, out: expect.stringContaining('academias.yaml: good') });
    const live = join(folder, 'live');
    await cp(join(root, 'mappings'), live, { recursive: true });
    await writeFile(join(live, 'academias.yaml'), (await readFile(academias, 'utf8')).replace('freshdesk-br: Pendente', 'freshdesk-br: Pendnte'));
    const found = await run(['mapping', 'check', live, '--live'], environment);
    expect(found).toMatchObject({
      code: 1,
      out: expect.stringMatching(/live\/academias\.yaml:\d+: .*freshdesk-br has no status "Pendnte"; did you mean "Pendente"/),
    });
    await writeFile(config, stringify({ helpdesks: { 'freshdesk-br': { ...helpdesks['freshdesk-br'], address: 'http://127.0.0.1:9' } } }));
    expect(await run(['mapping', 'check', '--live'], environment)).toMatchObject({
      code: 1,
      out: expect.stringContaining('freshdesk-br: its fields could not be read'),
    });
  });
});
