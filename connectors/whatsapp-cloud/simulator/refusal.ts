/** Graph's error body, with the codes of "Error codes", and the loud "I do not know" of a simulator. */
import { randomBytes } from 'node:crypto';
import type { ErrorRequestHandler } from 'express';

export class Refusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly subcode: number | undefined;
  readonly details: string | undefined;

  constructor(status: number, code: number, message: string, more: { subcode?: number; details?: string } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.subcode = more.subcode;
    this.details = more.details;
  }
}

/** What Meta's documents leave open. */
export class Unknown extends Error {}

export const graphError = ({ code, message, subcode, details }: Pick<Refusal, 'code' | 'message' | 'subcode' | 'details'>) => ({
  error: {
    message: `(#${code}) ${message}`,
    type: 'OAuthException',
    code,
    ...(subcode !== undefined && { error_subcode: subcode }),
    ...(details !== undefined && { error_data: { messaging_product: 'whatsapp', details } }),
    fbtrace_id: randomBytes(8).toString('base64url'),
  },
});

export const refuse: ErrorRequestHandler = (error, _request, response, _next) => {
  if (error instanceof Refusal) response.status(error.status).json(graphError(error));
  else
    response.status(error instanceof Unknown ? 501 : 500).json({ error: { message: `simulator: ${error instanceof Error ? error.message : String(error)}` } });
};

export const noSuch = (id: string): Refusal =>
  new Refusal(
    400,
    100,
    `Unsupported request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
    {
      subcode: 33,
    },
  );
