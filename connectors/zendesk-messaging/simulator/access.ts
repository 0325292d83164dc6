/** Who may call: Basic `keyId:secret`, or a JWT that the key signed ("Authentication"). */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Refusal } from './refusal.ts';

export interface Key {
  readonly id: string;
  readonly secret: string;
}

const unauthorized = (): Refusal => new Refusal(401, 'unauthorized', 'Authorization is required');

const json = (part: string | undefined): { readonly [key: string]: unknown } => {
  try {
    return JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8')) as { [key: string]: unknown };
  } catch {
    throw unauthorized();
  }
};

function checkToken(token: string, key: Key, now: number): void {
  const [head, claims, signature] = token.split('.');
  const { alg, kid } = json(head);
  const { scope, exp } = json(claims);
  const expected = createHmac('sha256', key.secret).update(`${head}.${claims}`).digest();
  const given = Buffer.from(signature ?? '', 'base64url');
  const signed = given.length === expected.length && timingSafeEqual(given, expected);
  if (alg !== 'HS256' || kid !== key.id || !signed || scope !== 'app') throw unauthorized();
  if (typeof exp === 'number' && exp * 1000 < now) throw unauthorized();
}

export function checkAccess(authorization: string | undefined, key: Key, now: number): void {
  const [kind, value = ''] = (authorization ?? '').split(' ');
  if (kind === 'Bearer') checkToken(value, key, now);
  else if (kind !== 'Basic' || Buffer.from(value, 'base64').toString('utf8') !== `${key.id}:${key.secret}`) throw unauthorized();
}
