/** A small program that posts signed messages, as anybody's would: for tests, the sandbox and measurements. */
import { Secret, signStandardWebhook } from '../../src/kit/index.ts';

export interface SignedPost {
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
  /** The `webhook-id`: the same one again is a repeat. */
  readonly id: string;
  /** Sent as JSON; a string or Buffer goes as it is. */
  readonly payload: unknown;
  /** Epoch ms of the signature; default now. */
  readonly now?: number;
  readonly signal?: AbortSignal;
}

/** The request of a signed post, for senders with a client of their own. */
export function signedRequest({ secret, id, payload, now = Date.now() }: Omit<SignedPost, 'url' | 'signal'>): {
  headers: Record<string, string>;
  body: Buffer;
} {
  const body = Buffer.isBuffer(payload) ? payload : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return { headers: { 'content-type': 'application/json', ...signStandardWebhook({ secret: new Secret(secret), id, now, body }) }, body };
}

/** Posts once, without retries. Rejects only when no answer came. */
export async function signedPost({ url, signal, ...post }: SignedPost): Promise<{ status: number; body: string }> {
  const { headers, body } = signedRequest(post);
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body), ...(signal && { signal }) });
  return { status: response.status, body: await response.text() };
}
