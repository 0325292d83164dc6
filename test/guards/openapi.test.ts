/** The recorded description of the API is what the server serves. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Journey, startJourney } from '../support/journey.ts';

let day: Journey;
beforeAll(async () => {
  day = await startJourney();
});
afterAll(() => day.stop());

it('docs/openapi.json equals what the server serves', async () => {
  const recorded: unknown = JSON.parse(await readFile(join(import.meta.dirname, '../../docs/openapi.json'), 'utf8'));
  const { body } = await day.call<{ paths: Record<string, unknown> }>('GET', '/api/openapi.json');
  expect(recorded, 'the API has changed; record it: npx deskbridge openapi --write').toEqual(body);
  expect(Object.keys(body.paths)).toContain('/api/conversations/{id}/closings');
  const { '/api/me': _gone, ...fewer } = body.paths;
  expect(recorded).not.toEqual({ ...body, paths: fewer });
});
