/** Calls to the widget's routes. The token goes in a header; addresses hold nothing that is secret. */
import type { Keep } from './keep.ts';

export interface Config {
  readonly title?: string;
  readonly greeting?: string;
  readonly color: string;
  readonly language: string;
  readonly askName: 'no' | 'optional' | 'required';
  readonly askEmail: 'no' | 'optional' | 'required';
  readonly maxFileBytes: number;
}

export interface FileInfo {
  readonly id: string;
  readonly name: string;
  readonly mime: string;
  readonly size: number | null;
  /** False while the server still fetches it. */
  readonly ready?: boolean;
}

export interface Outgoing {
  readonly id: string;
  readonly text: string;
  readonly files: readonly FileInfo[];
  readonly name?: string;
  readonly email?: string;
}

interface Session {
  readonly visitor: string;
  readonly token: string;
}

/** `status` 0: nothing came back. */
export class CallError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(status === 0 ? 'no answer' : `HTTP ${status}`);
    this.status = status;
  }
}

export interface Api {
  config(): Promise<Config>;
  /** True once this browser has written before. */
  known(): boolean;
  forget(): void;
  send(message: Outgoing): Promise<void>;
  upload(file: File, signal: AbortSignal): Promise<FileInfo>;
  download(id: string): Promise<Blob>;
  stream(after: string | undefined, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

export function createApi(base: string, keep: Keep): Api {
  async function call(path: string, init: RequestInit & { session?: Session; timeoutMs?: number } = {}): Promise<Response> {
    const { session, timeoutMs, ...rest } = init;
    const signals = [init.signal, timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)].filter((signal) => !!signal);
    const response = await fetch(`${base}${path}`, {
      cache: 'no-store',
      credentials: 'omit',
      ...rest,
      ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
      headers: { ...rest.headers, ...(session && { authorization: `Bearer ${session.token}` }) },
    }).catch((error: unknown) => {
      throw init.signal?.aborted ? error : new CallError(0);
    });
    if (!response.ok) throw new CallError(response.status);
    return response;
  }

  const current = (): Session | undefined => keep.get<Session>('session');

  async function makeSession(): Promise<Session> {
    const made = (await (await call('/session', { method: 'POST', timeoutMs: 20_000 })).json()) as Session;
    // Another tab may have been quicker; one browser is one visitor.
    const session = current() ?? made;
    keep.set('session', session);
    return session;
  }

  let making: Promise<Session> | undefined;
  async function ensure(): Promise<Session> {
    const session = current();
    if (session) return session;
    making ??= makeSession().finally(() => {
      making = undefined;
    });
    return making;
  }

  /** A session that the server no longer knows is replaced once: the visitor was erased, or the server started anew. */
  async function asVisitor<T>(action: (session: Session) => Promise<T>): Promise<T> {
    const session = await ensure();
    try {
      return await action(session);
    } catch (error) {
      if (!(error instanceof CallError) || error.status !== 401) throw error;
      if (current()?.token === session.token) keep.remove('session');
      return action(await ensure());
    }
  }

  return {
    config: async () => (await call('/config', { timeoutMs: 20_000 })).json() as Promise<Config>,
    known: () => current() !== undefined,
    forget: () => keep.remove('session'),
    async send({ id, text, files, name, email }) {
      const body = JSON.stringify({ id, text, files: files.map((file) => ({ id: file.id })), name, email });
      await asVisitor((session) => call('/messages', { method: 'POST', session, body, headers: { 'content-type': 'application/json' }, timeoutMs: 30_000 }));
    },
    async upload(file, signal) {
      const headers = { 'content-type': file.type || 'application/octet-stream' };
      const path = `/files?name=${encodeURIComponent(file.name)}`;
      return (await asVisitor((session) => call(path, { method: 'PUT', session, body: file, headers, signal }))).json() as Promise<FileInfo>;
    },
    download: async (id) => (await asVisitor((session) => call(`/files/${encodeURIComponent(id)}`, { session }))).blob(),
    async stream(after, signal) {
      const session = current();
      if (!session) throw new CallError(401);
      const response = await call(`/stream${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`, { session, signal });
      if (!response.body) throw new CallError(0);
      return response.body;
    },
  };
}
