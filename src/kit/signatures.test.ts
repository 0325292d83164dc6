import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { Secret } from './secret.ts';
import { hashedToken, hmac, type RawRequest, rsa, rsaPublicKey, sharedToken, signStandardWebhook, standardWebhook } from './signatures.ts';

const now = Date.parse('2026-11-19T12:00:00Z');
const second = 1000;
const body = Buffer.from('{"text":"A catraca não libera 🙏"}');

const request = (headers: Record<string, string>, bytes: Buffer = body): RawRequest => ({
  method: 'POST',
  path: '/',
  query: new URLSearchParams(),
  headers,
  body: bytes,
  remoteAddress: '203.0.113.9',
});

/** The body with one bit changed. */
const altered = Buffer.from(body.map((byte, index) => (index === 5 ? byte ^ 1 : byte)));

describe('Standard Webhooks', () => {
  const whsec = `whsec_${Buffer.from('a key of twenty-four byt').toString('base64')}`;
  const other = `whsec_${Buffer.from('another key of 24 bytes!').toString('base64')}`;
  const verify = standardWebhook({ secret: new Secret(whsec) });
  /** As the specification's own library signs. */
  const signed = (at = now, secret = whsec, bytes = body): Record<string, string> => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at / second)),
    'webhook-signature': new Webhook(secret).sign('msg_1', new Date(at), bytes),
  });

  it('lets in what the reference library signed', () => {
    expect(verify(request(signed()), now)).toBeDefined();
  });

  it('signs what the reference library accepts', () => {
    const at = Date.now();
    const headers = signStandardWebhook({ secret: new Secret(whsec), id: 'msg_2', now: at, body });
    expect(new Webhook(whsec).verify(body, headers)).toEqual(JSON.parse(body.toString()));
  });

  it('signs so that its own verifier agrees, whatever the id, time and bytes', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), fc.uint8Array(), (id, at, bytes) => {
        const sent = Buffer.from(bytes);
        const headers = signStandardWebhook({ secret: new Secret(whsec), id, now: at.getTime(), body: sent });
        expect(verify(request(headers, sent), at.getTime())).toBeDefined();
      }),
    );
  });

  it('refuses a body that was changed by one bit', () => {
    expect(verify(request(signed(), altered), now)).toBeUndefined();
  });

  it('refuses another secret', () => {
    expect(verify(request(signed(now, other)), now)).toBeUndefined();
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('refuses a request without %s', (name) => {
    const { [name]: _gone, ...rest } = signed();
    expect(verify(request(rest), now)).toBeUndefined();
  });

  it.each(['webhook-id', 'webhook-timestamp'])('refuses a %s that was not signed', (name) => {
    expect(verify(request({ ...signed(), [name]: name === 'webhook-id' ? 'msg_2' : String(now / second + 1) }), now)).toBeUndefined();
  });

  it.each([-301, 301])('refuses a clock that is %i seconds off', (off) => {
    expect(verify(request(signed(now + off * second)), now)).toBeUndefined();
  });

  it.each([-300, 300])('bears a clock that is %i seconds off', (off) => {
    expect(verify(request(signed(now + off * second)), now)).toBeDefined();
  });

  it('keeps to the tolerance that ops set', () => {
    const strict = standardWebhook({ secret: new Secret(whsec), toleranceSeconds: 10 });
    expect(strict(request(signed(now - 11 * second)), now)).toBeUndefined();
    expect(strict(request(signed(now - 9 * second)), now)).toBeDefined();
  });

  it.each(['', 'NaN', '1e9', ' ', '-1', 'Infinity'])('refuses the time %j even when it is signed', (timestamp) => {
    const signature = createHmac('sha256', Buffer.from(whsec.slice(6), 'base64'))
      .update(`msg_1.${timestamp}.`)
      .update(body)
      .digest('base64');
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
    expect(verify(request(headers), now)).toBeUndefined();
    expect(verify(request(headers), Number(timestamp) * second)).toBeUndefined();
  });

  it('accepts the old and the new secret while ops rotate, and no third', () => {
    const rotating = standardWebhook({ secret: [new Secret(other), new Secret(whsec)] });
    expect(rotating(request(signed(now, whsec)), now)).toBeDefined();
    expect(rotating(request(signed(now, other)), now)).toBeDefined();
    expect(rotating(request(signed(now, `whsec_${Buffer.alloc(24, 7).toString('base64')}`)), now)).toBeUndefined();
  });

  it('accepts a sender that rotates: several signatures, one of them good', () => {
    const mine = signed();
    const both = `${signed(now, other)['webhook-signature']} v1a,c29tZXRoaW5n ${mine['webhook-signature']}`;
    expect(verify(request({ ...mine, 'webhook-signature': both }), now)).toBeDefined();
  });

  it('refuses a good signature under a version that it does not know', () => {
    const mine = signed();
    expect(verify(request({ ...mine, 'webhook-signature': String(mine['webhook-signature']).replace('v1,', 'v2,') }), now)).toBeUndefined();
  });

  it.each(['', 'whsec_', 'whsec_c2hvcnQ='])('is never made with the secret %j', (secret) => {
    expect(() => standardWebhook({ secret: new Secret(secret) })).toThrow();
  });

  it('is never made without a secret', () => {
    expect(() => standardWebhook({ secret: [] })).toThrow('without a secret');
  });
});

describe('HMAC', () => {
  const key = new Secret('s3cret');
  const digest = (bytes: Buffer | string, secret = 's3cret', encoding: 'hex' | 'base64' = 'hex'): string =>
    createHmac('sha256', secret).update(bytes).digest(encoding);
  const verify = hmac({ secret: key, header: 'X-Signature', encoding: 'hex', prefix: 'sha256=' });

  it('lets in the right signature, under a header of any case', () => {
    expect(verify(request({ 'x-signature': `sha256=${digest(body)}` }), now)).toBeDefined();
  });

  it('reads base64 too', () => {
    const base64 = hmac({ secret: key, header: 'x-signature', encoding: 'base64' });
    expect(base64(request({ 'x-signature': digest(body, 's3cret', 'base64') }), now)).toBeDefined();
  });

  it.each([
    ['a body changed by one bit', { 'x-signature': `sha256=${digest(body)}` }, altered],
    ['another secret', { 'x-signature': `sha256=${digest(body, 'other')}` }, body],
    ['no signature', {}, body],
    ['an empty signature', { 'x-signature': 'sha256=' }, body],
    ['a signature cut short', { 'x-signature': `sha256=${digest(body).slice(0, 32)}` }, body],
    ['another scheme under the same digest', { 'x-signature': `sha512=${digest(body)}` }, body],
    ['a missing prefix', { 'x-signature': digest(body) }, body],
  ])('refuses %s', (_what, headers, bytes) => {
    expect(verify(request(headers as Record<string, string>, bytes), now)).toBeUndefined();
  });

  const timed = hmac({
    secret: key,
    header: 'x-signature',
    encoding: 'hex',
    signed: (r) => Buffer.from(`v0:${r.headers['x-time']}:${r.body}`),
    timestamp: (r) => Number(r.headers['x-time']),
  });
  const at = (seconds: number | string): RawRequest => request({ 'x-time': String(seconds), 'x-signature': digest(`v0:${seconds}:${body}`) });

  it.each([-300, 0, 300])('bears a signed time that is %i seconds off', (off) => {
    expect(timed(at(now / second + off), now)).toBeDefined();
  });

  it.each([-301, 301])('refuses a signed time that is %i seconds off', (off) => {
    expect(timed(at(now / second + off), now)).toBeUndefined();
  });

  it('refuses a signed time that is no number', () => {
    expect(timed(at('yesterday'), now)).toBeUndefined();
  });

  it('accepts the old and the new secret while ops rotate', () => {
    const rotating = hmac({ secret: [new Secret('new'), key], header: 'x-signature', encoding: 'hex' });
    expect(rotating(request({ 'x-signature': digest(body) }), now)).toBeDefined();
    expect(rotating(request({ 'x-signature': digest(body, 'new') }), now)).toBeDefined();
    expect(rotating(request({ 'x-signature': digest(body, 'third') }), now)).toBeUndefined();
  });

  it('is never made with an empty secret, which anybody could sign with', () => {
    expect(() => hmac({ secret: new Secret(''), header: 'x-signature', encoding: 'hex' })).toThrow('without a secret');
    expect(() => hmac({ secret: [key, new Secret('')], header: 'x-signature', encoding: 'hex' })).toThrow('without a secret');
  });
});

/** A real delivery with the key as its admin page shows it: one line, a label that lies about the format. From the public tests of nyaruka/courier. */
const published = {
  key: '-----BEGIN RSA PUBLIC KEY----- MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuGJLF4hTTtxWogT6dNkGf3CEgLAR2mGJzlds5cNbrHFoJNFnmVhkRYGzLYxx4EtDiezNCZVHfyMI2AKuNSQW2fEdDatVIG+q3Zr/X9eeDl8kQOGy804J/fgCYDrN8RQu0n5Dh1inv4puca0wb29SCvoAwrWb33ehDBIvv6+rUKBdjtv2xTV65kNiVDo5VRCaYRVeE10osxeONgw55HVY4nczuxnR+dmc2282de6WHe5LXtr0ZBdJ8yttFOLIluZ/sNM5DIWZBkIWQhyT581tbA7bTpsIbrT/IMBlmioIILw8WGtI7zcmNkjU5dnq5HnlVKEDhj/Ug/dLiyno8+Vp7QIDAQAB -----END RSA PUBLIC KEY-----',
  signature:
    'AhrmypOSWoewHG6LmIRuWjxyokuMDmPklrSU9p0gpUNjdSRCJzvpL6rjuTi5poV/ZLzWRWNM7X9yWjT5m9YFPshYrvigcd1ph4Ot2xmaJGYoUNJHijQccE6oDtDIp6i/8oLRafHgObQnGukZWPbP9OE5EiKz/VcsMP0Wv7hawI/sfIviM0w+6fNOKXWi0jDBH9ap1mj5CqOUOojni7OD5iYmIrjV/h33dyNmbvAta9E+trzcEhYqxfHIN4Z8R2FsatfRHWicoQ4PE5cQ8+UONVya8qr85nQ9w8N7Ql7yNg9fEViYG4/W/JnGEbPPEf8WrYtKzoVyuupDz4mVHdfKWg==',
  body: '{"actor":{"actor_type":"user","actor_id":"882f3926-b292-414b-a411-96380db373cd"},"action":"message_create","action_time":"2019-06-21T17:43:20.875Z","data":{"message":{"message_parts":[{"text":{"content":"Test 2"}}],"app_id":"55b190fa-5d3c-45c4-bc49-74ddcfcf53d7","actor_id":"882f3926-b292-414b-a411-96380db373cd","id":"7a454fde-c720-4c97-a61d-0ffe70449eb6","channel_id":"c8fddfaf-622a-4a0e-b060-4f3ccbeab606","conversation_id":"c327498e-f713-481e-8d83-0603e03d2521","message_type":"normal","actor_type":"user","created_time":"2019-06-21T17:43:20.866Z"}}}',
};

describe('RSA', () => {
  const verify = rsa({ key: rsaPublicKey(published.key), header: 'X-Signature' });

  it('lets in a real delivery with the key pasted on one line', () => {
    expect(verify(request({ 'x-signature': published.signature }, Buffer.from(published.body)), now)).toBeDefined();
  });

  it.each([
    ['a changed body', published.body.replace('Test 2', 'Test 3'), published.signature],
    ['the same JSON with other blanks', `${published.body}\n`, published.signature],
    ['no signature', published.body, undefined],
    ['an empty signature', published.body, ''],
    ['something else than base64', published.body, '%%%'],
    [
      'a signature by another key',
      published.body,
      sign('RSA-SHA256', Buffer.from(published.body), generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey).toString('base64'),
    ],
  ])('refuses %s', (_what, bytes, signature) => {
    const headers: Record<string, string> = signature === undefined ? {} : { 'x-signature': signature };
    expect(verify(request(headers, Buffer.from(bytes)), now)).toBeUndefined();
  });

  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });

  it.each(['spki', 'pkcs1'] as const)('reads a %s key as PEM on many lines, on one, and as bare base64', (type) => {
    const pem = pair.publicKey.export({ type, format: 'pem' }).toString();
    for (const pasted of [pem, pem.replaceAll('\n', ' '), pem.replaceAll('\n', '\r\n'), pem.replace(/-----[^-]+-----/g, '')]) {
      expect(rsaPublicKey(pasted).equals(pair.publicKey)).toBe(true);
    }
  });

  it('refuses what is no RSA public key', () => {
    expect(() => rsaPublicKey('')).toThrow('not an RSA public key');
    expect(() => rsaPublicKey('ssh-rsa AAAAB3NzaC1yc2E')).toThrow('not an RSA public key');
    expect(() => rsaPublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString())).toThrow(
      'not an RSA public key',
    );
  });

  it('refuses a private key rather than keeping it', () => {
    expect(() => rsaPublicKey(pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString())).toThrow('private key');
  });
});

describe('tokens', () => {
  const read = (r: RawRequest): string | undefined => r.headers.authorization?.replace(/^Bearer /, '');
  const shared = sharedToken({ secret: new Secret('abc123'), read });
  const hashed = hashedToken({ expectedSha256: createHash('sha256').update('abc123').digest('hex'), read });

  describe.each([
    ['a shared token', shared],
    ['a hashed token', hashed],
  ])('%s', (_kind, verify) => {
    it('lets in the right one', () => {
      expect(verify(request({ authorization: 'Bearer abc123' }), now)).toBeDefined();
    });

    it.each(['abc124', 'abc12', 'abc1234', 'ABC123', ''])('refuses %j', (token) => {
      expect(verify(request({ authorization: `Bearer ${token}` }), now)).toBeUndefined();
    });

    it('refuses a request without one', () => {
      expect(verify(request({}), now)).toBeUndefined();
    });
  });

  it('does not take the hash itself for the token', () => {
    expect(hashed(request({ authorization: createHash('sha256').update('abc123').digest('hex') }), now)).toBeUndefined();
  });

  it('are never checked against nothing', () => {
    expect(() => sharedToken({ secret: new Secret(''), read })).toThrow('without a secret');
    expect(() => hashedToken({ expectedSha256: '', read })).toThrow('without its SHA-256');
  });
});
