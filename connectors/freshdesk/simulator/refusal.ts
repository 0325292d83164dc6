/** How the simulated Freshdesk says no. Freshdesk API v2, "Errors". */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly code: 'missing_field' | 'invalid_value' | 'duplicate_value' | 'datatype_mismatch' | 'invalid_field' | 'inaccessible_field';
  readonly additional_info?: { readonly user_id: number };
}

export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, body: unknown) {
    super(`refused with ${status}`);
    this.status = status;
    this.body = body;
  }
}

export const invalid = (errors: readonly FieldError[], status = 400): Refusal => new Refusal(status, { description: 'Validation failed', errors });

/** 404 has no body. */
export const gone = (): Refusal => new Refusal(404, undefined);

/** 405: the ticket is deleted or spam. */
export const notAllowed = (): Refusal => new Refusal(405, { message: 'PUT method is not allowed. It should be one of these method(s): GET' });

/** What the vendor's pages leave open is refused, so that nobody builds on a guess. */
export const unknown = (what: string): Refusal => new Refusal(501, { code: 'not_simulated', message: `This simulator does not know ${what}` });
