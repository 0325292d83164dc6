import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express from 'express';
import { expect, it } from 'vitest';
import { createDials, createWebhookSender, faultable, type ShownMessage, type SimulatedChannel } from '../../../src/kit/simulator.ts';
import { testContext } from '../../support/context.ts';
import { describeChannel } from '../channel.ts';
import { describeFaults } from '../channel-faults.ts';
import pigeon from './channel.ts';

const ring = 'a ring of the tests';
const sign = (body: string | Buffer): string => createHmac('sha256', ring).update(body).digest('hex');

describeChannel({
  definition: pigeon,
  make: () => pigeon.create(testContext(pigeon.settings.parse({ loft: 'http://loft.example', ring }))),
  fixtures: new URL('./fixtures/', import.meta.url),
  unknown: [null, 'coo', { kind: 'egg', id: '1', keeper: 'maria', at: 1 }, { kind: 'note', id: '1', keeper: '', at: 1 }],
  signed: (body) => ({ method: 'POST', path: '/', query: new URLSearchParams(), headers: { 'x-ring': sign(body) }, body, remoteAddress: '203.0.113.9' }),
});

/** The loft keeps one pigeon an id. Files do not fly, so their names go as words and their bytes stay behind. */
function loft(now: () => number): SimulatedChannel {
  const dials = createDials();
  const webhooks = createWebhookSender({ retryMs: [50, 200], timeoutMs: 5000 });
  const flown = new Map<string, ShownMessage & { keeper: string }>();
  const app = express().use(faultable(dials));
  app.put('/pigeons/:id', (request, response) => {
    const { id, keeper, words } = JSON.parse(String(request.body)) as { id: string; keeper: string; words: string };
    flown.set(id, { id, keeper, from: 'business', text: words, files: [] });
    response.json({});
  });
  let written = 0;
  return {
    app,
    dials,
    webhooks,
    settings: (address) => ({ loft: address, ring }),
    hook: webhooks.to,
    async write({ person, text, at = now() }) {
      const id = `p-${++written}`;
      const body = JSON.stringify({ kind: 'note', id, keeper: person.id, at, words: text });
      webhooks.post(() => ({ headers: { 'x-ring': sign(body) }, body }));
      return { id };
    },
    settled: webhooks.settled,
    shown: (_conversation, person) => [...flown.values()].filter(({ keeper }) => keeper === person.id),
  };
}

describeFaults({ definition: pigeon, account: loft, visible: { method: 'PUT', path: /^\/pigeons\// }, files: false });

it('is a whole connector in under 80 lines', () => {
  expect(readFileSync(join(import.meta.dirname, 'channel.ts'), 'utf8').split('\n').length).toBeLessThan(80);
});
