import { describe, expect, it } from 'vitest';
import type { LinkOperation, OpenOperation } from '../kit/index.ts';
import { referencesOf, renameReferences, resolveReferences } from './references.ts';

const ref = (id: string) => ({ helpdesk: 'desk-a', id, number: id, url: `https://desk.example/${id}` });
const link: LinkOperation = {
  id: 'op-3',
  revision: 1,
  kind: 'link',
  tickets: [{ operation: 'a/open' }, ref('7')],
  notes: [{ kind: 'internal', blocks: [{ type: 'tickets', label: 'See', tickets: [{ operation: 'b/open' }] }] }],
};

describe('references to other operations', () => {
  it('are found in tickets and in texts', () => {
    expect([...referencesOf(link)].sort()).toEqual(['a/open', 'b/open']);
  });

  it('become ids at commit and tickets before the connector runs', () => {
    const named = renameReferences(
      link,
      new Map([
        ['a/open', 'op-1'],
        ['b/open', 'op-2'],
      ]),
    );
    expect([...referencesOf(named)].sort()).toEqual(['op-1', 'op-2']);
    const resolved = resolveReferences(
      named,
      new Map([
        ['op-1', ref('1')],
        ['op-2', ref('2')],
      ]),
    );
    expect(resolved).toEqual({
      ...link,
      tickets: [ref('1'), ref('7')],
      notes: [{ kind: 'internal', blocks: [{ type: 'tickets', label: 'See', tickets: [ref('2')] }] }],
    });
  });

  it('that lead nowhere are refused', () => {
    expect(() => renameReferences(link, new Map())).toThrow('a/open');
    expect(() => resolveReferences(link, new Map())).toThrow('no ticket yet');
  });

  it("leave a helpdesk's own field alone, whatever it looks like", () => {
    const open: OpenOperation = {
      id: 'op-1',
      revision: 1,
      kind: 'open',
      subject: 's',
      description: { kind: 'public', blocks: [] },
      note: { kind: 'internal', blocks: [] },
      requester: { contact: 'c', name: 'Ana', identities: [] },
      values: { fields: { note: { operation: 'a/open' } } },
      files: [],
    };
    expect(referencesOf(open)).toEqual([]);
    expect(resolveReferences(open, new Map())).toEqual(open);
  });
});
