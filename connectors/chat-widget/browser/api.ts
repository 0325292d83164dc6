/** Calls to the widget's routes. The token goes in a header; addresses hold nothing that is secret. */
import type { Keep } from './keep.ts';

export interface Question {
  readonly key: string;
  readonly kind: 'text' | 'email' | 'phone' | 'choice';
  readonly label?: string | Readonly<Record<string, string>>;
  readonly required: boolean;
  readonly choices?: readonly string[];
}

export interface Openings {
  /** Epoch ms, in order. */
  readonly open: readonly (readonly [from: number, to: number])[];
  readonly until: number;
}

/** What a browser kept of an older release may lack what came later. */
export interface Config {
  readonly title?: string;
  readonly greeting?: string;
  readonly color: string;
  readonly corner?: 'left' | 'right';
  readonly scheme?: 'light' | 'dark' | 'auto';
  readonly radius?: number;
  readonly language: string;
  readonly askName: 'no' | 'optional' | 'required';
  readonly askEmail: 'no' | 'optional' | 'required';
  readonly preChat?: readonly Question[];
  readonly hours?: Openings;
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

/** What a visitor tells of themselves. */
export interface Profile {
  readonly name?: string;
  readonly email?: string;
  /** By the question's key, with the language in which it was asked. */
  readonly answers?: Readonly<Record<string, string>>;
  readonly language?: string;
}

export interface Outgoing extends Profile {
  readonly id: string;
  readonly text: string;
  readonly files: readonly FileInfo[];
}

interface Session {
  readonly visitor: string;
  readonly token: string;
}

/** `status` 0: nothing came back. `reason` is the server's word for what it refused. */
export class CallError extends Error {
  readonly status: number;
  readonly reason: string | undefined;
  constructor(status: number, reason?: string) {
    super(status === 0 ? 'no answer' : `HTTP ${status}`);
    this.status = status;
    this.reason = reason;
  }
}

function reasonIn(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { error?: string }).error;
  } catch {
    return undefined;
  }
}

export interface Api {
  config(): Promise<Config>;
  /** True once this browser has written before. */
  known(): boolean;
  forget(): void;
  send(message: Outgoing): Promise<void>;
  /** `progress` is told the part that is through, 0 to 1. */
  upload(file: File, signal: AbortSignal, progress: (part: number) => void): Promise<FileInfo>;
  /** The visitor has seen these messages. */
  read(ids: readonly string[]): Promise<void>;
  /** The visitor is typing; nothing is lost when that gets lost. */
  typing(): void;
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
    if (!response.ok) throw new CallError(response.status, reasonIn(await response.text().catch(() => '')));
    return response;
  }

  const post = (path: string, session: Session, body: unknown, timeoutMs: number): Promise<Response> =>
    call(path, { method: 'POST', session, body: JSON.stringify(body), headers: { 'content-type': 'application/json' }, timeoutMs });

  /** `fetch` does not tell how far an upload is. */
  const put = (path: string, session: Session, file: File, signal: AbortSignal, progress: (part: number) => void): Promise<FileInfo> =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const abort = (): void => request.abort();
      request.open('PUT', `${base}${path}`);
      request.setRequestHeader('authorization', `Bearer ${session.token}`);
      request.setRequestHeader('content-type', file.type || 'application/octet-stream');
      request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
      request.onload = () => {
        if (request.status < 200 || request.status > 299) return reject(new CallError(request.status, reasonIn(request.responseText)));
        resolve(JSON.parse(request.responseText) as FileInfo);
      };
      request.onerror = () => reject(new CallError(0));
      request.onabort = () => reject(signal.reason);
      request.onloadend = () => signal.removeEventListener('abort', abort);
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', abort);
      request.send(file);
    });

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
    async send({ id, text, files, name, email, answers, language }) {
      const body = { id, text, files: files.map((file) => ({ id: file.id })), name, email, answers, language };
      await asVisitor((session) => post('/messages', session, body, 30_000));
    },
    upload: (file, signal, progress) => asVisitor((session) => put(`/files?name=${encodeURIComponent(file.name)}`, session, file, signal, progress)),
    async read(ids) {
      const session = current();
      if (session) await post('/read', session, { ids }, 20_000);
    },
    typing() {
      const session = current();
      if (session) void post('/typing', session, {}, 5000).catch(() => {});
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
