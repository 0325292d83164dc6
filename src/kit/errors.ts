/** Errors of connectors, classified once, where the vendor answers. The delivery engine asks the class, never the text. */

/** What to do next: never again by itself, back off and try again, or wait this long. */
export type Retry = 'never' | 'backoff' | { readonly afterMs: number };

/** `none`: the vendor certainly did nothing. `unclear`: it may have, so look before sending again. */
export type Effect = 'none' | 'unclear';

/** Every code a connector may raise, with what a person should do about it. The README lists the same set (guard test). */
export const errorCodes = {
  unauthorized: 'The credentials were refused. Check the settings of this connector.',
  forbidden: 'The credentials lack a right that this needs.',
  'not-found': 'The ticket, contact or address does not exist any more.',
  refused: 'The helpdesk refused the values. Correct the named field and retry.',
  closed: 'The ticket is closed for good and takes no change.',
  conflict: 'Somebody changed the ticket in the meantime. It is tried again with fresh data.',
  'rate-limited': 'The vendor asks us to slow down. It goes on by itself.',
  unavailable: 'The vendor did not answer or had an error. It goes on by itself.',
  'not-understood': 'The vendor answered something that is not its API. Check the address.',
  'too-large': 'The content is larger than the vendor takes.',
  unclear: 'It may have arrived, and the vendor offers no way to look. A person must decide.',
  blocked: 'The address is not allowed by the egress rules.',
} as const;
export type ErrorCode = keyof typeof errorCodes;

export class ConnectorError extends Error {
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly effect: Effect;
  /** The vendor's name of the field that was refused, if it said so. */
  readonly field: string | undefined;
  /** HTTP status of the vendor's answer, if there was one. */
  readonly status: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: { retry?: Retry; effect?: Effect; field?: string | undefined; status?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'ConnectorError';
    this.code = code;
    this.retry = more.retry ?? 'never';
    this.effect = more.effect ?? 'none';
    this.field = more.field;
    this.status = more.status;
  }
}

/** Thrown by `normalize` for a payload whose kind or shape it does not know: the arrival is quarantined, and can be replayed after an upgrade. */
export class UnknownPayload extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnknownPayload';
  }
}
