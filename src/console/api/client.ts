/** The one door to the server: JSON in and out, problems as `ApiError`, and a signal when the session is gone. */
import type { Preview, Problem } from '../../api/contract.ts';

export class ApiError extends Error {
  readonly status: number;
  readonly key: string;
  readonly problem: Partial<Problem> & { readonly preview?: Preview };
  constructor(status: number, problem: Partial<Problem> & { readonly preview?: Preview }) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.key = problem.key ?? (status === 0 ? 'offline' : 'internal');
    this.problem = problem;
  }
}

interface CallOptions {
  readonly body?: unknown;
  /** Sent as it is, for uploads. */
  readonly raw?: Blob;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

const signedOut = new Set<() => void>();

/** Called whenever the server no longer knows the session; returns how to stop listening. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

function contentOf(options: CallOptions): { body?: BodyInit; type?: string } {
  if (options.raw) return { body: options.raw, type: options.raw.type || 'application/octet-stream' };
  return options.body === undefined ? {} : { body: JSON.stringify(options.body), type: 'application/json' };
}

async function problemOf(response: Response): Promise<Partial<Problem>> {
  try {
    return (await response.json()) as Partial<Problem>;
  } catch {
    return { detail: response.statusText };
  }
}

export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const { body, type } = contentOf(options);
  let response: Response;
  try {
    response = await fetch(`/api${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(type ? { 'content-type': type } : {}),
        ...(method === 'GET' ? {} : { 'x-deskbridge': '1' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, { detail: 'The server does not answer.' });
  }
  if (!response.ok) {
    if (response.status === 401 && !path.startsWith('/auth/')) for (const listener of signedOut) listener();
    throw new ApiError(response.status, await problemOf(response));
  }
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** `?a=b`, leaving out what is not set. */
export function queryString(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return given.length ? `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}` : '';
}
