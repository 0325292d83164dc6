/** Files: each goes up in a step of its own, and the ticket's body takes the recorded tokens ("Attachments", Upload Files). */
import { z } from 'zod';
import type { BlobRef, Step } from '../../src/kit/index.ts';
import { overflowName } from './comment.ts';
import type { Desk } from './desk.ts';

type File = { readonly sha256: string; readonly name: string; readonly mime: string; readonly size: number };
type Token = { readonly token: string; readonly expiresAt: number };

const shape = z.looseObject({ upload: z.looseObject({ token: z.string().min(1), expires_at: z.string().nullish() }) });

/** The documents say both 60 minutes and, on the wire, three days: without `expires_at` the shorter one counts. */
const shortestLifeMs = 60 * 60_000;
/** A token must outlive the call that uses it. */
const marginMs = 5 * 60_000;

async function send(desk: Desk, file: File): Promise<Token> {
  const { blobs, now } = desk.context;
  const bytes = { mime: file.mime || 'application/binary', size: file.size, open: () => blobs.open(file.sha256) };
  const { upload } = await desk.client.call({ method: 'POST', path: '/uploads', query: { filename: file.name }, bytes }, shape);
  return { token: upload.token, expiresAt: upload.expires_at ? Date.parse(upload.expires_at) : now() + shortestLifeMs };
}

/** Uploads a file once, and once more only when its token has grown too old to be used. An upload that nobody uses expires at the vendor. */
async function uploadOne(desk: Desk, step: Step, name: string, file: File): Promise<string> {
  for (let round = 1; ; round++) {
    const { token, expiresAt } = await step<File, Token>(round === 1 ? name : `${name}/${round}`, {
      body: () => file,
      send: (body) => send(desk, body),
      safeForMs: Number.POSITIVE_INFINITY,
    });
    if (expiresAt - desk.context.now() > marginMs) return token;
  }
}

/** Tokens of all files, in order; `overflow` becomes one more file. Step names begin with `prefix`. */
export async function uploadAll(desk: Desk, step: Step, prefix: string, files: readonly BlobRef[], overflow: string | undefined): Promise<readonly string[]> {
  const all: File[] = files.map(({ sha256, name, mime, size }) => ({ sha256, name, mime, size }));
  if (overflow !== undefined) all.push({ name: overflowName, mime: 'text/plain; charset=utf-8', ...(await desk.context.blobs.put(Buffer.from(overflow))) });
  const tokens: string[] = [];
  for (const [i, file] of all.entries()) tokens.push(await uploadOne(desk, step, `${prefix}/upload-${i}`, file));
  return tokens;
}
