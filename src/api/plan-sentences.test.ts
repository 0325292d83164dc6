import { describe, expect, it } from 'vitest';
import { createPlanSentences } from './plan-sentences.ts';

const sentences = createPlanSentences(() => Date.parse('2026-11-19T12:00:00Z'));
const line = (key: string, values: Record<string, string | number>) => ({ part: 'a', key, values });

describe('a plan in sentences', () => {
  it.each([
    [
      'en',
      'Desk BR: new ticket “Catraca”, High, Pending, due Mon, Nov 23',
      'Transcript of 22 messages',
      'Write the summary: at least 15 characters.',
      'same matter: Catraca',
    ],
    ['pt-BR', 'Catraca', '22', '15', 'Catraca'],
    ['de', 'Catraca', '22', '15', 'Catraca'],
    ['it', 'Catraca', '22', '15', 'Catraca'],
    ['es', 'Catraca', '22', '15', 'Catraca'],
  ])('of %s fills every value', async (locale, open, transcript, summary, reason) => {
    const said = await sentences.in(locale);
    const opened = said.line(line('open', { helpdesk: 'Desk BR', subject: 'Catraca', priority: 'High', status: 'Pending', due: '2026-11-23' }));
    const all = [
      opened,
      said.line(line('transcript', { count: 22 })),
      said.missing({ part: 'a', field: 'summary', label: 'summary', reason: { key: 'summary-short', values: { min: '15' } } }),
      said.reason({ key: 'same-topic', values: { topic: 'Catraca' } }),
    ];
    for (const [index, expected] of [open, transcript, summary, reason].entries()) expect(all[index]).toContain(expected);
    expect(opened).toMatch(/High, Pending, .*23/);
    expect(opened).not.toContain('2026-11-23');
    for (const text of all) expect(text).not.toMatch(/[{}]|^(plan|candidate)\./);
  });

  it('of each language are its own', async () => {
    const ends = await Promise.all(['en', 'pt-BR', 'de', 'it', 'es'].map(async (locale) => (await sentences.in(locale)).line(line('ends', {}))));
    expect(new Set(ends).size).toBe(5);
    expect(ends[0]).toBe('The conversation ends');
  });

  it('count in the singular too, and say why nothing is filed', async () => {
    const said = await sentences.in('en');
    expect(said.line(line('files', { count: 1, waiting: 2 }))).toBe('1 file attached, 2 still loading');
    expect(said.line(line('none', { reason: 'spam' }))).toBe('No ticket: Spam');
    expect(said.reason({ key: 'open-days', values: { days: '1' } })).toBe('open 1 day');
  });

  it('of a language that we do not speak are those of its nearest, else English', async () => {
    const ends = async (locale: string) => (await sentences.in(locale)).line(line('ends', {}));
    expect(await ends('pt-PT')).toBe(await ends('pt-BR'));
    expect(await ends('de-AT')).toBe(await ends('de'));
    expect(await ends('fi')).toBe(await ends('en'));
  });
});
