/** Blobs on disk: files named by their sha256 in two levels of folders. A blob is fsynced, file and folder, before anyone is told its name. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { type Blobs, ConnectorError } from '../kit/index.ts';

const defaultMaxBytes = 50 * 2 ** 20;

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes the stream to `path` and fsyncs it; memory holds one chunk at a time. */
async function write(source: Readable, path: string, maxBytes: number): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of source) {
      const bytes: Buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      size += bytes.length;
      if (size > maxBytes) throw new ConnectorError('too-large', `the file is larger than ${maxBytes} bytes`);
      hash.update(bytes);
      await file.writeFile(bytes);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), size };
}

/** Removes what writers that died left behind; another process may be writing its own files here now. */
async function sweep(incoming: string): Promise<void> {
  const yesterday = Date.now() - 24 * 3_600_000;
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    const age = await stat(path).catch(() => undefined);
    if (age && age.mtimeMs < yesterday) await rm(path, { force: true });
  }
}

const yes = (): boolean => true;
const no = (): boolean => false;

export async function openBlobs(folder: string): Promise<Blobs> {
  const incoming = join(folder, 'incoming');
  await mkdir(incoming, { recursive: true });
  await sweep(incoming);
  /** Folders whose own name is known to be on disk. */
  const durable = new Set<string>();
  const place = (sha256: string): string => join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);

  async function find(sha256: string): Promise<string> {
    const path = place(sha256);
    const there = isHash(sha256) && (await access(path).then(yes, no));
    if (!there) throw new ConnectorError('not-found', `there is no blob ${isHash(sha256) ? sha256 : 'of that name'}`);
    return path;
  }

  /** Moves a finished file to its name; the folders on the way are fsynced once, since another writer may have made them a moment ago. */
  async function settle(temporary: string, sha256: string): Promise<void> {
    const path = place(sha256);
    const parent = dirname(path);
    await mkdir(parent, { recursive: true });
    await rename(temporary, path);
    await syncFolder(parent);
    if (durable.has(parent)) return;
    await Promise.all([syncFolder(dirname(parent)), syncFolder(folder)]);
    durable.add(parent);
  }

  return {
    async put(source, options) {
      const temporary = join(incoming, randomUUID());
      try {
        const stream = source instanceof Uint8Array ? Readable.from([Buffer.from(source.buffer, source.byteOffset, source.byteLength)]) : source;
        const written = await write(stream, temporary, options?.maxBytes ?? defaultMaxBytes);
        await settle(temporary, written.sha256);
        return written;
      } finally {
        await rm(temporary, { force: true });
      }
    },
    open: async (sha256) => createReadStream(await find(sha256)),
    read: async (sha256) => readFile(await find(sha256)),
  };
}
