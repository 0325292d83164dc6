import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectorError } from './errors.ts';
import { connectorError, createHttp, type HttpOptions, retryAfterMs } from './http.ts';

const now = Date.parse('2026-11-19T12:00:00Z');
const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = http.createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const client = (more: Partial<HttpOptions> = {}) => createHttp({ egress: { allow: ['127.0.0.0/8'] }, timeoutMs: 2000, ...more });

async function failure(call: Promise<unknown>, explain?: Parameters<typeof connectorError>[3]): Promise<ConnectorError> {
  return call.then(
    () => Promise.reject(new Error('the call was expected to fail')),
    (error: unknown) => connectorError(error, 'Vendor', now, explain),
  );
}

describe('what a failed call means', () => {
  it.each([
    [400, 'refused', 'never', 'none'],
    [401, 'unauthorized', 'never', 'none'],
    [403, 'forbidden', 'never', 'none'],
    [404, 'not-found', 'never', 'none'],
    [408, 'unavailable', 'backoff', 'unclear'],
    [409, 'conflict', 'backoff', 'unclear'],
    [410, 'not-found', 'never', 'none'],
    [413, 'too-large', 'never', 'none'],
    [422, 'refused', 'never', 'none'],
    [429, 'rate-limited', 'backoff', 'none'],
    [500, 'unavailable', 'backoff', 'unclear'],
    [503, 'unavailable', 'backoff', 'unclear'],
  ])('reads HTTP %i as %s, retried %s, effect %s', async (status, code, retry, effect) => {
    const url = await serve((_request, response) => response.writeHead(status).end());
    expect(await failure(client().post(url, {}))).toMatchObject({ code, retry, effect, status });
  });

  it('waits as long as a 429 asks', async () => {
    const url = await serve((_request, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    expect(await failure(client().get(url))).toMatchObject({ retry: { afterMs: 7000 } });
  });

  it("takes the vendor's own words and field, and never the request's secrets", async () => {
    const url = await serve((_request, response) => response.writeHead(400, { 'content-type': 'application/json' }).end('{"why":"no such group"}'));
    const error = await failure(client().post(url, { password: 'hunter2' }, { headers: { authorization: 'Bearer hunter2' } }), (_status, body) => ({
      message: (body as { why: string }).why,
      field: 'group_id',
    }));
    expect(error).toMatchObject({ message: 'Vendor: no such group', field: 'group_id' });
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain('hunter2');
  });

  describe('on a connection that the server kept and closes just then', () => {
    /** Answers the first request of a connection and resets at the second. */
    const closing = async (): Promise<{ url: string; calls: string[] }> => {
      const calls: string[] = [];
      const seen = new WeakSet<object>();
      const url = await serve(({ socket, method = '' }, response) => {
        calls.push(method);
        if (seen.has(socket)) return void socket.resetAndDestroy();
        seen.add(socket);
        response.end('here');
      });
      return { url, calls };
    };

    it('reads once more, on another', async () => {
      const { url, calls } = await closing();
      const http = client();
      await http.get(url);
      expect((await http.get(url)).data).toBe('here');
      expect(calls).toEqual(['GET', 'GET', 'GET']);
    });

    it('never writes once more: that is for steps to decide', async () => {
      const { url, calls } = await closing();
      const http = client();
      await http.get(url);
      expect(await failure(http.post(url, {}))).toMatchObject({ code: 'unavailable', effect: 'unclear' });
      expect(calls).toEqual(['GET', 'POST']);
    });

    it('takes the reset of a new connection for what it is', async () => {
      const calls: string[] = [];
      const url = await serve(({ socket, method = '' }) => [calls.push(method), socket.resetAndDestroy()]);
      expect(await failure(client().get(url))).toMatchObject({ code: 'unavailable', effect: 'unclear' });
      expect(calls).toEqual(['GET']);
    });
  });

  it('knows that nothing was sent when nobody listens', async () => {
    const url = await serve(() => {});
    servers[0]?.close();
    expect(await failure(client().post(url, {}))).toMatchObject({ code: 'unavailable', retry: 'backoff', effect: 'none' });
  });

  it('calls a connection that broke after sending unclear', async () => {
    const url = await serve((request) => request.socket.destroy());
    expect(await failure(client().post(url, {}))).toMatchObject({ code: 'unavailable', effect: 'unclear' });
  });

  it('refuses to send what is larger than the limit, for good', async () => {
    const url = await serve((_request, response) => response.end());
    expect(await failure(client({ maxRequestBytes: 100 }).post(url, 'x'.repeat(101)))).toMatchObject({ code: 'too-large', retry: 'never', effect: 'none' });
  });

  it('stops reading an answer that is larger than the limit', async () => {
    const url = await serve((_request, response) => response.end('x'.repeat(10_000)));
    expect(await failure(client({ maxResponseBytes: 1000 }).get(url))).toMatchObject({ code: 'unavailable', effect: 'unclear' });
  });
});

describe('time-outs', () => {
  it('ends a call that gets no answer', async () => {
    const url = await serve(() => {});
    expect(await failure(client({ timeoutMs: 100 }).get(url))).toMatchObject({ code: 'unavailable', effect: 'unclear' });
  });

  it('ends a call whose answer trickles in byte by byte', async () => {
    const url = await serve((_request, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await failure(client({ timeoutMs: 200 }).get(url))).toMatchObject({ code: 'unavailable', effect: 'unclear' });
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    [30, 30_000],
    ['0', 0],
    ['1.5', 1500],
    ['Thu, 19 Nov 2026 12:01:00 GMT', 60_000],
    ['Thu, 19 Nov 2026 11:00:00 GMT', 0],
  ])('reads %s as %i ms', (value, expected) => {
    expect(retryAfterMs(value, now)).toBe(expected);
  });

  it.each(['', ' ', '-5', 'soon', 'NaN', 'Infinity', undefined, null, {}])('does not take %j for "at once"', (value) => {
    expect(retryAfterMs(value, now)).toBeUndefined();
  });
});
