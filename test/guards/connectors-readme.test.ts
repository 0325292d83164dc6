/** The tables of the connectors' READMEs are what the code declares. */
import { describe, expect, it } from 'vitest';
import { connectors } from '../../connectors/index.ts';
import { readmes } from '../../src/cli/connectors.ts';
import { between, settingsMarkdown } from '../../src/cli/settings-table.ts';

const remedy = 'run: npx deskbridge connectors --write-readmes';

describe('READMEs of connectors', async () => {
  const all = await readmes();

  it('are there for every connector', () => {
    expect(all.map(({ file }) => file)).toEqual(['README.md', ...Object.keys(connectors).map((id) => `${id}/README.md`)]);
  });

  it.each(all)('hold the tables that the code declares: $file', ({ file, now, wanted }) => {
    expect(wanted, `connectors/${file} has no markers for its table`).toBeDefined();
    expect(now, remedy).toBe(wanted);
  });

  it('would be found out by a setting that nobody wrote down', () => {
    const webhook = all.find(({ file }) => file === 'webhook/README.md');
    const more = settingsMarkdown([{ name: 'new', default: 'none', meaning: 'A new one', secret: false }]);
    expect(between(webhook?.now ?? '', 'settings', more)).not.toBe(webhook?.now);
  });
});
