/** The floor of closings: the same creates as bare axios posts over keep-alive connections, as many in flight as the product has at one helpdesk. */
import http from 'node:http';
import axios from 'axios';
import { serve } from './processes.ts';

export interface PostOrder {
  readonly url: string;
  readonly count: number;
  readonly inFlight: number;
}

async function run({ url, count, inFlight }: PostOrder): Promise<{ perSecond: number }> {
  const client = axios.create({ httpAgent: new http.Agent({ keepAlive: true }), proxy: false, maxRedirects: 0 });
  const body = { ticket: { subject: 'Bench', external_id: 'bench', comment: { html_body: '<p>'.padEnd(1500, 'x'), public: false }, priority: 'normal' } };
  let left = count;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await client.post(`${url}/api/v2/tickets`, body, { headers: { authorization: 'Bearer token' } });
    }),
  );
  return { perSecond: count / ((performance.now() - from) / 1000) };
}

serve({}, run);
