/** Reads Zendesk's error bodies ("Requests", "Errors"): JSON, plain text or HTML; `error` a string or an object; details of any shape and language. */
import type { connectorError } from '../../src/kit/index.ts';

type Explanation = ReturnType<NonNullable<Parameters<typeof connectorError>[3]>>;

type Fields = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined);

const short = (message: string): string => (message.length > 500 ? `${message.slice(0, 500)}…` : message);

export const isHtml = (body: unknown): boolean => typeof body === 'string' && /^\s*<(!doctype|html|head|body|title)\b/i.test(body);

interface Detail {
  readonly field: string | undefined;
  readonly description: string;
}

/** `details` maps a field, or `base`, to a list of objects; the phone's is documented as one object. */
function detailsOf(details: unknown): Detail[] {
  if (!isObject(details)) return [];
  return Object.entries(details).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).filter(isObject).map((detail) => {
      // Only `ticket_field_id` tells which field a `base` detail is about: its words are in the acting user's language.
      const id = detail.ticket_field_id;
      const named = typeof id === 'number' || typeof id === 'string' ? String(id) : undefined;
      return { field: named ?? (key === 'base' ? undefined : key), description: text(detail.description) ?? text(detail.error) ?? key };
    }),
  );
}

function nameOf(error: unknown): string | undefined {
  if (!isObject(error)) return text(error);
  return [text(error.title), text(error.message)].filter(Boolean).join(': ') || undefined;
}

function messageOf(body: Fields, details: readonly Detail[]): string | undefined {
  if (details.length) return short(details.map(({ description }) => description).join('; '));
  const parts = [nameOf(body.error), text(body.description) ?? text(body.error_description)].filter((part) => part !== undefined);
  return parts.length ? short([...new Set(parts)].join(': ')) : undefined;
}

export function explain(status: number, body: unknown): Explanation {
  if (isHtml(body)) {
    // A page in the place of an answer: some other server, unless the status says that Zendesk is out or wants us slower.
    const vendors = status >= 500 || status === 429 || status === 401 || status === 403;
    return { message: `HTTP ${status} with a page of HTML`, ...(vendors ? {} : { code: 'not-understood', retry: 'never' as const }) };
  }
  if (!isObject(body)) {
    const said = text(body);
    return said ? { message: short(said) } : undefined;
  }
  const details = detailsOf(body.details);
  const message = messageOf(body, details);
  const field = details.find((detail) => detail.field !== undefined)?.field;
  const said = { ...(message === undefined ? {} : { message }), ...(field === undefined ? {} : { field }) };
  // The one case without a code: only the English words say it. `append` looks at the ticket itself for other languages.
  if (status === 422 && details.some((detail) => detail.field === 'status' && /closed prevents ticket update/i.test(detail.description)))
    return { ...said, code: 'closed' };
  if (status === 404 && body.error === 'InvalidEndpoint') return { ...said, code: 'not-understood' };
  if (body.error === 'TooManyJobs') return { ...said, code: 'rate-limited', retry: 'backoff', effect: 'none' };
  return said;
}
