/**
 * Visitors: who writes in the widget. A visitor holds `<id>.<secret>`; we keep the secret's SHA-256 alone, so that neither a database copy nor
 * the id, which agents and helpdesks see, opens the conversation.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Context, hashedToken, type RawRequest, type Verified } from '../../src/kit/index.ts';

const collection = 'visitors';

interface StoredVisitor {
  readonly tokenSha256: string;
  readonly createdAt: number;
  readonly [key: string]: string | number;
}

export interface Visitor {
  readonly id: string;
  /** Proof that this request holds the visitor's token. */
  readonly proof: Verified;
}

type Parts = Pick<Context<unknown>, 'records' | 'id' | 'now'>;

/** Makes a visitor. The token is told this once. */
export async function admit({ records, id, now }: Parts): Promise<{ visitor: string; token: string }> {
  const visitor = id();
  const secret = randomBytes(32).toString('base64url');
  await records.insert(collection, visitor, { tokenSha256: createHash('sha256').update(secret).digest('hex'), createdAt: now() });
  return { visitor, token: `${visitor}.${secret}` };
}

const bearer = /^Bearer ([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/;

/** The visitor whose token the request carries in `Authorization`, or undefined. */
export async function recognise({ records, now }: Parts, request: RawRequest): Promise<Visitor | undefined> {
  const [, id, secret] = bearer.exec(request.headers.authorization ?? '') ?? [];
  if (id === undefined) return undefined;
  const stored = await records.get<StoredVisitor>(collection, id);
  if (!stored) return undefined;
  const proof = hashedToken({ read: () => secret, expectedSha256: stored.tokenSha256 })(request, now());
  return proof && { id, proof };
}
