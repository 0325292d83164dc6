/** One declaration a call: who may, what goes in, what comes out. Express is fed from it, and so is the OpenAPI document. */
import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { HttpProblem, notUnderstood } from './problem.ts';
import type { Viewer } from './viewer.ts';

export type Role = 'anyone' | 'agent' | 'admin';

interface Handled<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
  readonly viewer: Viewer;
  readonly request: Request;
  readonly response: Response;
}

export interface RouteSpec<P extends z.ZodType = z.ZodType, Q extends z.ZodType = z.ZodType, B extends z.ZodType = z.ZodType> {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** OpenAPI style: `/api/conversations/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly role: Role;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly headers?: z.ZodObject;
  /** Shape of the answer; null for 204, 'stream' where the handler writes itself. */
  readonly answer: z.ZodType | null | 'stream';
  readonly status?: number;
  handle(input: Handled<P, Q, B>): Promise<unknown>;
}

const nothing = z.unknown();

/** Infers the handler's input from the declared shapes. */
export const route = <P extends z.ZodType = z.ZodUnknown, Q extends z.ZodType = z.ZodUnknown, B extends z.ZodType = z.ZodUnknown>(
  spec: RouteSpec<P, Q, B>,
): RouteSpec => spec as unknown as RouteSpec;

export type Authenticate = (request: Request) => Promise<Viewer | undefined>;

function admit(spec: RouteSpec, viewer: Viewer | undefined, request: Request): void {
  if (spec.role === 'anyone') return;
  if (!viewer) throw new HttpProblem(401, 'sign-in', 'Sign in first.');
  if (spec.role === 'admin' && viewer.role !== 'admin') throw new HttpProblem(403, 'forbidden', 'Only administrators may do this.');
  // A form on another site can send a cookie but not this header.
  if (viewer.by === 'session' && spec.method !== 'get' && request.get('x-deskbridge') === undefined)
    throw new HttpProblem(403, 'forbidden', 'Writes with a session need the header X-Deskbridge: 1.');
}

const stranger: Viewer = { id: '', name: '', email: null, role: 'agent', locale: 'en', teams: [], by: 'nobody' };

/** PostgreSQL keeps no NUL in a text, and none was ever meant. */
const withoutNul = (value: unknown): unknown => (typeof value === 'string' ? value.replaceAll('\0', '') : Array.isArray(value) ? value.map(withoutNul) : value);
const cleaned = (given: object): object => Object.fromEntries(Object.entries(given).map(([name, value]) => [name, withoutNul(value)]));

const parser = express.json({ limit: '10mb', reviver: (_key, value: unknown) => withoutNul(value) });

/** Only after the caller was admitted, and only where a body is asked for: a stranger makes us parse nothing, and an uploaded JSON file stays a file. */
const readBody = (request: Request, response: Response): Promise<void> =>
  new Promise((resolve, reject) => parser(request, response, (error?: unknown) => (error ? reject(error) : resolve())));

function understood<S extends z.ZodType>(shape: S | undefined, given: unknown, whole: string): z.output<S> {
  const result = (shape ?? nothing).safeParse(given);
  if (result.success) return result.data as z.output<S>;
  throw notUnderstood(result.error, whole);
}

export interface MountParts {
  readonly authenticate: Authenticate;
  /** Called when an answer was sent whole; streams are not measured. */
  answered?(route: string, status: number, seconds: number): void;
}

async function answer(spec: RouteSpec, authenticate: Authenticate, request: Request, response: Response): Promise<void> {
  // Answers are about people, and none of them may outlive its session in a cache.
  response.set('cache-control', 'no-store');
  const viewer = await authenticate(request);
  admit(spec, viewer, request);
  if (spec.body) await readBody(request, response);
  response.status(spec.answer === null ? 204 : (spec.status ?? 200));
  const result = await spec.handle({
    params: understood(spec.params, cleaned(request.params), 'path'),
    query: understood(spec.query, cleaned(request.query), 'query'),
    body: understood(spec.body, request.body, 'body'),
    viewer: viewer ?? stranger,
    request,
    response,
  });
  if (spec.answer === 'stream' || response.headersSent) return;
  if (spec.answer === null) response.end();
  else response.json(result);
}

export function mount(router: Router, specs: readonly RouteSpec[], { authenticate, answered }: MountParts): void {
  for (const spec of specs) {
    const name = `${spec.method.toUpperCase()} ${spec.path}`;
    router[spec.method](spec.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, response) => {
      const from = performance.now();
      if (answered && spec.answer !== 'stream') response.once('finish', () => answered(name, response.statusCode, (performance.now() - from) / 1000));
      await answer(spec, authenticate, request, response);
    });
  }
}
