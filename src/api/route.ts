/** One declaration a call: who may, what goes in, what comes out. Express is fed from it, and so is the OpenAPI document. */
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { HttpProblem } from './problem.ts';
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

export function mount(router: Router, specs: readonly RouteSpec[], authenticate: Authenticate): void {
  for (const spec of specs) {
    router[spec.method](spec.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, response) => {
      const viewer = await authenticate(request);
      admit(spec, viewer, request);
      const answer = await spec.handle({
        params: (spec.params ?? nothing).parse(request.params),
        query: (spec.query ?? nothing).parse(request.query),
        body: (spec.body ?? nothing).parse(request.body),
        viewer: viewer ?? stranger,
        request,
        response,
      });
      if (spec.answer === 'stream' || response.headersSent) return;
      if (spec.answer === null) response.status(204).end();
      else response.status(response.statusCode === 200 ? (spec.status ?? 200) : response.statusCode).json(answer);
    });
  }
}
