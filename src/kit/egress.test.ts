import http from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowedAddress, refuseLiteral } from './egress.ts';
import { ConnectorError } from './errors.ts';
import { connectorError, createHttp } from './http.ts';

const none = { allow: [] };
const local = { allow: ['127.0.0.0/8', '::1/128'] };

describe('addresses', () => {
  it.each(['8.8.8.8', '200.147.3.157', '2606:4700::1111', '::ffff:8.8.8.8'])('lets %s through, for the open internet routes it', (address) => {
    expect(allowedAddress(address, none)).toBe(true);
  });

  it.each([
    ['127.0.0.1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['169.254.169.254', "a cloud's metadata"],
    ['100.64.0.1', "a carrier's NAT"],
    ['0.0.0.0', 'this host'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['::1', 'loopback'],
    ['::', 'this host'],
    ['fe80::1', 'link-local'],
    ['fd12:3456::1', 'unique local'],
    ['::ffff:127.0.0.1', 'IPv4-mapped loopback'],
    ['::ffff:7f00:1', 'IPv4-mapped loopback in hexadecimal'],
    ['::7f00:1', 'IPv4-compatible loopback'],
    ['64:ff9b::a00:1', 'a private address behind NAT64'],
    ['2002:7f00:1::', 'a loopback address inside 6to4'],
  ])('refuses %s: %s', (address) => {
    expect(allowedAddress(address, none)).toBe(false);
  });

  it('refuses every private IPv4 address in its IPv4-mapped form too', () => {
    const octet = fc.nat(255);
    const privates = fc.oneof(fc.tuple(fc.constant(10), octet, octet, octet), fc.tuple(fc.constant(192), fc.constant(168), octet, octet));
    fc.assert(
      fc.property(privates, (octets) => {
        expect(allowedAddress(`::ffff:${octets.join('.')}`, none)).toBe(false);
      }),
    );
  });

  it('lets ops allow a network or a single address, and nothing beside it', () => {
    expect(allowedAddress('10.1.2.3', { allow: ['10.1.0.0/16'] })).toBe(true);
    expect(allowedAddress('10.2.2.3', { allow: ['10.1.0.0/16'] })).toBe(false);
    expect(allowedAddress('10.1.2.3', { allow: ['10.1.2.3'] })).toBe(true);
    expect(allowedAddress('10.1.2.4', { allow: ['10.1.2.3'] })).toBe(false);
    expect(allowedAddress('fd00::5', { allow: ['fd00::5'] })).toBe(true);
    expect(allowedAddress('::1', { allow: ['127.0.0.0/8'] })).toBe(false);
  });
});

describe('addresses written as digits', () => {
  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.0.0.1./',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::127.0.0.1]/',
    'http://user@10.0.0.1:8080/x',
  ])('refuses %s before the call', (url) => {
    expect(() => refuseLiteral(url, none)).toThrow(ConnectorError);
  });

  it('leaves names to the look-up and public digits alone', () => {
    expect(() => refuseLiteral('https://example.com/', none)).not.toThrow();
    expect(() => refuseLiteral('https://8.8.8.8/', none)).not.toThrow();
  });
});

describe('connections', () => {
  let port: number;
  let hits = 0;
  const server = http.createServer((request, response) => {
    hits += 1;
    if (request.url === '/away') response.writeHead(302, { location: `http://127.0.0.1:${port}/secret` }).end();
    else response.end('{"reached":true}');
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => void server.close());

  const attempt = async (url: string, rules: { allow: string[] }, more = {}): Promise<unknown> =>
    (
      await createHttp({ egress: rules })
        .get(url, more)
        .catch((error: unknown) => Promise.reject(connectorError(error, 'Vendor', 0)))
    ).data;

  it.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]'])('refuses %s unless ops allowed it, as blocked and for good, and nothing arrives', async (host) => {
    hits = 0;
    await expect(attempt(`http://${host}:${port}/`, none)).rejects.toMatchObject({ code: 'blocked', retry: 'never', effect: 'none' });
    expect(hits).toBe(0);
  });

  it.each(['127.0.0.1', 'localhost'])('reaches %s when ops allowed it', async (host) => {
    expect(await attempt(`http://${host}:${port}/`, local)).toEqual({ reached: true });
  });

  it('follows no redirect by itself', async () => {
    hits = 0;
    await expect(attempt(`http://localhost:${port}/away`, local)).rejects.toMatchObject({ code: 'not-understood', status: 302 });
    expect(hits).toBe(1);
  });

  it('checks the target where a connector does follow redirects', async () => {
    const elsewhere = http.createServer((_request, response) => response.writeHead(302, { location: 'http://10.0.0.1/secret' }).end());
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const { port: from } = elsewhere.address() as AddressInfo;
    await expect(attempt(`http://127.0.0.1:${from}/`, local, { maxRedirects: 3 })).rejects.toMatchObject({ code: 'blocked' });
    elsewhere.close();
  });
});
