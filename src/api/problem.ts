/** Errors as RFC 9457 problems. `key` names the console's text, so that each agent reads it in their language. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { z } from 'zod';
import { ConnectorError, type Log } from '../kit/index.ts';

export class HttpProblem extends Error {
  readonly status: number;
  readonly key: string;
  readonly errors: readonly { field: string; message: string }[] | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(
    status: number,
    key: string,
    detail: string,
    more: { errors?: readonly { field: string; message: string }[]; extra?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(detail);
    this.name = 'HttpProblem';
    this.status = status;
    this.key = key;
    this.errors = more.errors;
    this.extra = more.extra ?? {};
  }
}

export const notFound = (what: string): HttpProblem => new HttpProblem(404, 'not-found', `There is no such ${what}.`);

/** What came in is not what was asked for: told field by field. */
export const notUnderstood = (error: z.ZodError, whole: string): HttpProblem =>
  new HttpProblem(400, 'invalid', 'The request is not understood.', {
    errors: error.issues.map((issue) => ({ field: issue.path.join('.') || whole, message: issue.message })),
  });

export const problemBody = ({ status, key, message, errors, extra }: HttpProblem): Readonly<Record<string, unknown>> => ({
  type: 'about:blank',
  title: key,
  status,
  detail: message,
  key,
  ...(errors ? { errors } : {}),
  ...extra,
});

const helpdeskStatus: Partial<Record<ConnectorError['code'], number>> = { 'not-found': 404, 'too-large': 413, refused: 422, 'rate-limited': 503 };

function asProblem(error: unknown): HttpProblem | undefined {
  if (error instanceof HttpProblem) return error;
  if (error instanceof ConnectorError) return new HttpProblem(helpdeskStatus[error.code] ?? 502, `connector.${error.code}`, error.message);
  const { status, type } = (error ?? {}) as { status?: unknown; type?: unknown };
  if (type === 'entity.too.large') return new HttpProblem(413, 'too-large', 'The request is larger than allowed.');
  if (type === 'entity.parse.failed') return new HttpProblem(400, 'invalid', 'The body is not JSON.');
  if (status === 404) return new HttpProblem(404, 'not-found', 'There is nothing here.');
  return typeof status === 'number' && status >= 400 && status < 500 ? new HttpProblem(status, 'invalid', 'The request is not understood.') : undefined;
}

export const unknownCall: RequestHandler = (request) => {
  throw new HttpProblem(404, 'not-found', `${request.method} ${request.path} is not part of this API.`);
};

/** What we did not foresee is logged whole and told empty: its text may hold what the caller must not see. */
export const answerProblems =
  (log: Log): ErrorRequestHandler =>
  (error, request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = asProblem(error);
    if (!problem) log.error({ err: error, method: request.method, path: request.path }, 'a request failed');
    const told = problem ?? new HttpProblem(500, 'internal', 'Something went wrong here. It has been logged.');
    response.status(told.status).set('cache-control', 'no-store').type('application/problem+json').json(problemBody(told));
  };
