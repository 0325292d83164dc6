import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decision } from '../closing/decision.ts';
import { openApiDocument } from './openapi.ts';
import { route } from './route.ts';

describe('the OpenAPI document', () => {
  const document = JSON.stringify(
    openApiDocument(
      [
        route({
          method: 'post',
          path: '/api/things/{id}',
          summary: 'Makes a thing',
          role: 'admin',
          params: z.object({ id: z.string() }),
          query: z.object({ loud: z.string().optional() }),
          body: decision,
          answer: null,
          handle: async () => undefined,
        }),
      ],
      '1',
    ),
  );

  it('tells parameters, bodies of any depth, and who may', () => {
    expect(document).toContain('"name":"id","in":"path","required":true');
    expect(document).toContain('"name":"loud","in":"query","required":false');
    expect(document).toContain('"covers"');
    expect(document).toContain('"403"');
    expect(document).not.toContain('$defs');
  });
});
