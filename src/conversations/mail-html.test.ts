import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeHtml } from './mail-html.ts';

const show = (html: string): string => safeHtml(html, (cid) => (cid === 'logo@x' ? '/api/messages/m/files/f' : undefined)).html;

describe('showing a stranger’s HTML', () => {
  it.each([
    ['<script>alert(1)</script>ok', 'ok'],
    ['<p onclick="alert(1)">hi</p>', '<p>hi</p>'],
    ['<a href="javascript:alert(1)">x</a>', '<a target="_blank" rel="noopener noreferrer nofollow">x</a>'],
    ['<style>@import url(//evil)</style>text', 'text'],
    ['<iframe src="https://evil"></iframe>', ''],
    ['<p style="background:url(https://evil/x.png);color:red">t</p>', '<p style="color:red">t</p>'],
    ['<form action="https://evil"><input></form>', ''],
  ])('makes %s harmless', (hostile, harmless) => {
    expect(show(hostile)).toBe(harmless);
  });

  it('blocks remote images and counts them', () => {
    const { html, blockedImages } = safeHtml(
      '<img src="https://tracker/p.gif"><img src="//t/x"><img src="/api/me"><img src="data:image/svg+xml,x">',
      () => undefined,
    );
    expect(blockedImages).toBe(4);
    expect(html).not.toMatch(/src=/);
  });

  it('shows an image that came with the message', () => {
    expect(show('<img src="cid:logo@x" width="40">')).toBe('<img alt="" src="/api/messages/m/files/f" width="40" />');
    expect(show('<img src="cid:other@x">')).toBe('<img alt=""  />');
  });

  it('never lets an event handler, a script or a foreign address through, whatever is thrown at it', () => {
    const piece = fc.constantFrom(
      '<img src=x onerror=alert(1)>',
      '<svg/onload=alert(1)>',
      '"><script>',
      '<a href="data:text/html,x">',
      '<<b',
      "' onmouseover='x",
      '<!--',
      '-->',
      'cid:',
      '<img src="cid:a&quot; onerror=&quot;x">',
      'text',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const html = show(pieces.join(''));
        expect(html).not.toMatch(/<[^>]*\son\w+\s*=|<script|<svg|href="data:|src="(?!\/api\/)/i);
      }),
    );
  });
});
