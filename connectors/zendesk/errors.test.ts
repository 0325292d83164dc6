import { AxiosError, AxiosHeaders } from 'axios';
import { describe, expect, it } from 'vitest';
import { connectorError } from '../../src/kit/index.ts';
import { explain } from './errors.ts';
import bodies from './fixtures/errors.json' with { type: 'json' };

/** A refusal as axios throws it. */
function refusal(status: number, body: unknown, headers: Record<string, string>): AxiosError {
  const config = { headers: new AxiosHeaders() };
  return new AxiosError('refused', 'ERR_BAD_REQUEST', config, {}, { status, statusText: '', data: body, headers: new AxiosHeaders(headers), config });
}

describe("Zendesk's errors", () => {
  it.each(bodies.map((each) => [each.case, each] as const))('are told apart: %s', (_case, { status, body, type, retryAfter, expect: expected }) => {
    const headers = { 'content-type': type ?? 'application/json', ...(retryAfter ? { 'retry-after': retryAfter } : {}) };
    const error = connectorError(refusal(status, body, headers), 'Zendesk', 0, explain);
    expect(error).toMatchObject({ status, ...expected });
    if (!('field' in expected)) expect(error.field).toBeUndefined();
  });

  it('are shown in the vendor’s words, without a page of HTML and without end', () => {
    const said = (status: number, body: unknown) => connectorError(refusal(status, body, {}), 'Zendesk', 0, explain).message;
    expect(said(422, { details: { base: [{ description: 'Produto: é obrigatório' }, { description: 'Série: é obrigatória' }] } })).toBe(
      'Zendesk: Produto: é obrigatório; Série: é obrigatória',
    );
    expect(said(403, { error: { title: 'Forbidden', message: 'No access' } })).toBe('Zendesk: Forbidden: No access');
    expect(said(502, '<html><script>alert(1)</script></html>')).not.toContain('<');
    expect(said(400, 'x'.repeat(5000)).length).toBeLessThan(600);
  });
});
