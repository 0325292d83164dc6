/**
 * The one place that decides whether a sender is who it says it is. Checks run on raw bytes, in constant time, and refuse
 * clocks that are off in either direction. Only this file can make a `Verified`, so unverified input cannot travel.
 */
import { createHash, createHmac, createPublicKey, createSecretKey, type KeyObject, timingSafeEqual, verify as verifySignature } from 'node:crypto';
import type { Json } from './json.ts';
import { Secret } from './secret.ts';

export interface RawRequest {
  readonly method: string;
  /** Below the hook's address. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case; repeated headers joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly remoteAddress: string;
}

export interface RawResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

declare const proof: unique symbol;
/** Proof that a check ran. */
export interface Verified {
  readonly [proof]: true;
}

/** A payload of proven origin: the only thing that `normalize` takes. */
export interface VerifiedArrival {
  readonly [proof]: true;
  /** Parsed JSON of a webhook; or what a session or poll emitted. */
  readonly payload: Json;
  readonly receivedAt: number;
}

/** Returns the proof, or undefined for a sender that is not to be trusted. `now` in epoch ms. */
export type Verifier = (request: RawRequest, now: number) => Verified | undefined;

const verified = {} as Verified;

export const arrival = (_proof: Verified, payload: Json, receivedAt: number): VerifiedArrival => ({ payload, receivedAt }) as unknown as VerifiedArrival;

/** For payloads that we fetched ourselves over an authenticated connection (IMAP, an API): the connection is the proof. */
export const fetchedByUs = (): Verified => verified;

/** For payloads that were verified before they were stored: replay of quarantined arrivals. */
export const verifiedWhenStored = (): Verified => verified;

const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** Tokens are compared by digest: equal lengths, so that the time tells nothing. */
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

const withinSkew = (seconds: number, now: number, tolerance: number): boolean => Number.isFinite(seconds) && Math.abs(now / 1000 - seconds) <= tolerance;

/** An empty key would let everybody in, so a verifier without a real one is never made. */
function secretsOf(option: Secret | readonly Secret[]): readonly Secret[] {
  const secrets = option instanceof Secret ? [option] : option;
  if (secrets.length === 0 || secrets.some((secret) => secret.reveal() === '')) throw new Error('a signature cannot be checked without a secret');
  return secrets;
}

/** Made once: an HMAC that gets its key as bytes takes five times as long. */
const keyOf = (bytes: Buffer): KeyObject => createSecretKey(bytes);

/** A shared token, compared in constant time: in a header, or wherever `read` finds it. Several while one is being changed. */
export function sharedToken(options: { secret: Secret | readonly Secret[]; read: (request: RawRequest) => string | undefined }): Verifier {
  const expected = secretsOf(options.secret).map((secret) => sha256(secret.reveal()));
  return (request) => {
    const given = options.read(request);
    if (given === undefined || given === '') return undefined;
    return expected.some((digest) => same(sha256(given), digest)) ? verified : undefined;
  };
}

/** A token of which we keep only the SHA-256 (hex), as for visitors of a chat widget. For tokens of 128 random bits or more: a guessable one needs a slow hash. */
export function hashedToken(options: { read: (request: RawRequest) => string | undefined; expectedSha256: string }): Verifier {
  const expected = Buffer.from(options.expectedSha256, 'hex');
  if (expected.length !== 32) throw new Error('a token cannot be checked without its SHA-256');
  return (request) => {
    const given = options.read(request);
    if (given === undefined || given === '') return undefined;
    return same(sha256(given), expected) ? verified : undefined;
  };
}

export interface HmacOptions {
  readonly secret: Secret | readonly Secret[];
  readonly header: string;
  readonly encoding: 'hex' | 'base64';
  /** What stands before the signature in the header: `sha256=`. */
  readonly prefix?: string;
  /** Bytes that are signed; the body alone unless the vendor adds more. */
  signed?(request: RawRequest): Buffer;
  /** The signed time, if the vendor sends one, in epoch seconds. A webhook further than `toleranceSeconds` (300) off is refused, early or late. */
  timestamp?(request: RawRequest): number;
  readonly toleranceSeconds?: number;
}

/** HMAC-SHA256 of the raw bytes; several secrets while one is being rotated. */
export function hmac(options: HmacOptions): Verifier {
  const keys = secretsOf(options.secret).map((secret) => keyOf(Buffer.from(secret.reveal())));
  return (request, now) => {
    const given = request.headers[options.header.toLowerCase()];
    const prefix = options.prefix ?? '';
    if (given === undefined || !given.startsWith(prefix)) return undefined;
    if (options.timestamp && !withinSkew(options.timestamp(request), now, options.toleranceSeconds ?? 300)) return undefined;
    const bytes = options.signed?.(request) ?? request.body;
    const signature = Buffer.from(given.slice(prefix.length), options.encoding);
    const good = keys.some((key) => same(signature, createHmac('sha256', key).update(bytes).digest()));
    return good ? verified : undefined;
  };
}

/** Reads an RSA public key however it was pasted: PEM of either label, on one line or many. Throws on anything else. */
export function rsaPublicKey(pem: string): KeyObject {
  // Node would quietly derive the public half, and the private one would stay in a settings file.
  if (/PRIVATE KEY/.test(pem)) throw new Error('this is a private key; paste the public one');
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, '').replace(/\s+/g, ''), 'base64');
  for (const type of ['spki', 'pkcs1'] as const) {
    try {
      const key = createPublicKey({ key: der, format: 'der', type });
      if (key.asymmetricKeyType === 'rsa') return key;
    } catch {
      // The label lies about the format at some vendors, so the other one is tried.
    }
  }
  throw new Error('this is not an RSA public key');
}

/** RSASSA-PKCS1-v1_5 with SHA-256 over the raw body, base64 in a header. */
export function rsa(options: { key: KeyObject; header: string }): Verifier {
  return (request) => {
    const given = request.headers[options.header.toLowerCase()];
    if (given === undefined || given === '') return undefined;
    return verifySignature('RSA-SHA256', request.body, options.key, Buffer.from(given, 'base64')) ? verified : undefined;
  };
}

/** The key in a `whsec_` secret. Throws when it is too short to be one. */
function standardKey(secret: Secret): Buffer {
  const key = Buffer.from(secret.reveal().replace(/^whsec_/, ''), 'base64');
  if (key.length < 16) throw new Error('a Standard Webhooks secret is whsec_ and at least 16 bytes in base64');
  return key;
}

/** Headers of an outgoing Standard Webhook. `id` stays the same when the same message goes again; `now` (epoch ms) is the time of this attempt. */
export function signStandardWebhook(options: { secret: Secret; id: string; now: number; body: string | Buffer }): Record<string, string> {
  const timestamp = String(Math.floor(options.now / 1000));
  const signature = createHmac('sha256', standardKey(options.secret)).update(`${options.id}.${timestamp}.`).update(options.body).digest('base64');
  return { 'webhook-id': options.id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/**
 * Standard Webhooks (standardwebhooks.com): `webhook-id`, `webhook-timestamp`, `webhook-signature` over `id.timestamp.body`.
 * A `whsec_` secret is base64; several signatures stand in the header while the sender rotates.
 */
export function standardWebhook(options: { secret: Secret | readonly Secret[]; toleranceSeconds?: number }): Verifier {
  const keys = secretsOf(options.secret).map((secret) => keyOf(standardKey(secret)));
  return (request, now) => {
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = request.headers;
    if (!id || !timestamp || !signatures || !/^\d+$/.test(timestamp)) return undefined;
    if (!withinSkew(Number(timestamp), now, options.toleranceSeconds ?? 300)) return undefined;
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), request.body]);
    const given = signatures
      .split(' ')
      .filter((part) => part.startsWith('v1,'))
      .map((part) => Buffer.from(part.slice(3), 'base64'));
    return keys.some((key) => given.some((signature) => same(signature, createHmac('sha256', key).update(signed).digest()))) ? verified : undefined;
  };
}
