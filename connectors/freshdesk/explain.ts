/** Reads Freshdesk's error bodies. Freshdesk API v2, "Errors": field errors with status 400, else one flat code and message. */
import { z } from 'zod';
import type { ErrorCode } from '../../src/kit/index.ts';

const fieldError = z.looseObject({
  field: z.string().optional().catch(undefined),
  message: z.string().catch(''),
  code: z.string().optional().catch(undefined),
});
const errorBody = z.looseObject({
  description: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  errors: z.array(z.unknown()).catch([]),
});

interface Told {
  readonly message: string;
  readonly code: string | undefined;
  readonly fields: readonly { field: string | undefined; message: string; code: string | undefined }[];
}

/** The vendor's words, whatever shape the body has. */
export function told(body: unknown): Told {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return { message: '', code: undefined, fields: [] };
  const fields = parsed.data.errors.flatMap((one) => {
    const known = fieldError.safeParse(one);
    return known.success ? [{ field: bare(known.data.field), message: known.data.message, code: known.data.code }] : [];
  });
  const words = fields.map(({ field, message }) => (field ? `${field}: ${message}` : message)).filter(Boolean);
  return { message: [parsed.data.message ?? parsed.data.description, ...words].filter(Boolean).join('. '), code: parsed.data.code, fields };
}

/** A custom field may be named with a prefix (`custom_fields.cf_x`); the schema knows it without. */
const bare = (field: string | undefined): string | undefined => (field?.includes('cf_') ? field.slice(field.indexOf('cf_')).replace(/[\]"']+$/, '') : field);

export function explain(status: number, body: unknown): { message?: string; field?: string; code?: ErrorCode } {
  const { message, fields } = told(body);
  const field = fields.find((one) => one.field)?.field;
  // Besides a wrong verb this is how Freshdesk answers a change to a ticket that is deleted or marked as spam ("Errors", 405).
  if (status === 405) return { code: 'not-found', message: message || 'the ticket was deleted or marked as spam' };
  return { ...(message ? { message } : {}), ...(field ? { field } : {}) };
}

/** The account's plan lacks the feature. */
export const lacksFeature = (status: number, body: unknown): boolean => status === 403 && told(body).code === 'require_feature';

/** The files are more than the ticket takes; how Freshdesk says so is not documented, so both likely ways count. */
export const filesTooLarge = (status: number, body: unknown): boolean =>
  status === 413 || (status === 400 && told(body).fields.some(({ field }) => field?.includes('attachments') === true));
