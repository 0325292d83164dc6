/** Bytes by their sha256. A blob is on disk, fsynced, before a row that names it commits. */
import type { Readable } from 'node:stream';

export interface BlobRef {
  readonly sha256: string;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
}

export interface Blobs {
  /** Streams to disk and resolves once the bytes and the folder are fsynced. Throws ConnectorError `too-large` past `maxBytes` (default 50 MB). */
  put(source: Readable | Uint8Array, options?: { maxBytes?: number }): Promise<{ sha256: string; size: number }>;
  /** Throws ConnectorError `not-found` for an unknown hash. */
  open(sha256: string): Promise<Readable>;
  read(sha256: string): Promise<Buffer>;
}
