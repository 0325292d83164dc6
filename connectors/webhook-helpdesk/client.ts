/** The one file that talks to the receiver: one signed POST an operation, by the Standard Webhooks convention. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ConnectorError, type Context, connectorError, type ErrorCode, signStandardWebhook } from '../../src/kit/index.ts';
import type { FileFacts, Frozen } from './payload.ts';
import type { WebhookHelpdeskSettings } from './settings.ts';

export type WebhookContext = Context<WebhookHelpdeskSettings>;

/** Bytes of files in one request: in base64 a third more, which common receivers still take. */
export const maxFileBytes = 10 * 2 ** 20;

const word = z.union([z.string().trim().min(1).max(255), z.number().int()]).transform(String);
const answered = z.object({
  id: word,
  number: word.optional().catch(undefined),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .catch(undefined),
});

/** The receiver's own names of a ticket. */
export type Answer = { readonly id: string; readonly number?: string | undefined; readonly url?: string | undefined } | null;

/** What stays wrong until a person acts, and so is what the next send would meet. */
const lasting: readonly ErrorCode[] = ['unauthorized', 'forbidden', 'not-found', 'not-understood'];
type Trouble = { readonly address: string; readonly code: ErrorCode; readonly message: string };

/** An address may hold a token, so it is compared by its digest and never shown beyond its host. */
const digest = (address: string): string => createHash('sha256').update(address).digest('hex');

/** By its first words: programs call plain texts HTML too, and XML is a fair answer. */
const isPage = (data: unknown): boolean => typeof data === 'string' && /^\s*<(!doctype|html)/i.test(data);

export async function deliver(context: WebhookContext, payload: Frozen): Promise<Answer> {
  const files = 'files' in payload ? payload.files : [];
  const body = JSON.stringify(files.length ? { ...payload, files: await withBytes(context, files) } : payload);
  try {
    const answer = await post(context, `${payload.operation}.${payload.revision}`, body);
    if (await context.records.get('endpoint', 'trouble')) await context.records.delete('endpoint', 'trouble');
    return answer;
  } catch (error) {
    if (error instanceof ConnectorError && lasting.includes(error.code)) await remember(context, error);
    throw error;
  }
}

async function post({ http, settings, now }: WebhookContext, id: string, body: string): Promise<Answer> {
  const vendor = new URL(settings.address).host;
  let data: unknown;
  try {
    ({ data } = await http.post<unknown>(settings.address, body, { headers: { 'content-type': 'application/json', ...signed(settings, id, now(), body) } }));
  } catch (error) {
    throw connectorError(error, vendor, now(), explain);
  }
  if (isPage(data)) throw new ConnectorError('not-understood', `${vendor}: answered a web page, not the receiver. Check the address.`, { effect: 'unclear' });
  return answered.safeParse(data).data ?? null;
}

function signed(settings: WebhookHelpdeskSettings, id: string, now: number, body: string): Record<string, string> {
  const each = settings.secrets.map((secret) => signStandardWebhook({ secret, id, now, body }));
  return { ...each[0], 'webhook-signature': each.map((headers) => headers['webhook-signature']).join(' ') };
}

const refusal = z.object({
  error: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  field: z.string().optional().catch(undefined),
});

function explain(status: number, body: unknown): { message?: string; field?: string; code?: ErrorCode } | undefined {
  if (status === 410)
    return {
      message: 'The receiver is gone for good (HTTP 410). Nothing is sent again by itself: correct the address, or have the receiver put back, then retry.',
    };
  if (status === 404 && isPage(body)) return { code: 'not-understood', message: 'answered a web page with HTTP 404. Check the address.' };
  const said = refusal.safeParse(body).data;
  const words = said?.message ?? said?.error;
  return { ...(words ? { message: `HTTP ${status}: ${words.slice(0, 300)}` } : {}), ...(said?.field ? { field: said.field.slice(0, 100) } : {}) };
}

const withBytes = ({ blobs }: WebhookContext, files: readonly FileFacts[]) =>
  Promise.all(files.map(async (file) => ({ ...file, content: (await blobs.read(file.sha256)).toString('base64') })));

async function remember({ records, settings }: WebhookContext, { code, message }: ConnectorError): Promise<void> {
  const trouble: Trouble = { address: digest(settings.address), code, message };
  if (!(await records.insert('endpoint', 'trouble', trouble))) await records.update<Trouble>('endpoint', 'trouble', () => trouble);
}

/** There is nothing to ask, so it tells what the last request met; a corrected address starts afresh. */
export async function health({ records, settings }: WebhookContext): Promise<{ detail: string }> {
  const trouble = await records.get<Trouble>('endpoint', 'trouble');
  if (trouble?.address === digest(settings.address)) throw new ConnectorError(trouble.code, trouble.message);
  return { detail: `Sends to ${new URL(settings.address).host}; only sending shows whether it answers` };
}
