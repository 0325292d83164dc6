/** Files of the widget: uploads of visitors, and downloads of what stands in their own conversation. */
import { Readable } from 'node:stream';
import { fileTypeFromBuffer } from 'file-type';
import { type BlobRef, ConnectorError, type Context } from '../../src/kit/index.ts';
import type { WidgetSettings } from './settings.ts';

const collection = 'files';

interface StoredFile extends BlobRef {
  readonly visitor: string;
  readonly [key: string]: string | number;
}

/** File types are told by the first bytes; the library asks for this many. */
const sample = 4100;

/** Streams an upload to the blobs. Throws ConnectorError `too-large`, or `refused` for an empty one. */
export async function keepFile(context: Context<WidgetSettings>, visitor: string, upload: Readable, given: { name: string; mime: string }) {
  const head: Buffer[] = [];
  let held = 0;
  async function* watched() {
    for await (const chunk of upload as AsyncIterable<Buffer>) {
      if (held < sample) head.push(chunk.subarray(0, sample - held));
      held = Math.min(sample, held + chunk.length);
      yield chunk;
    }
  }
  const { sha256, size } = await context.blobs.put(Readable.from(watched(), { objectMode: false }), { maxBytes: context.settings.maxFileBytes });
  if (size === 0) throw new ConnectorError('refused', 'the file is empty');
  const id = context.id();
  const file = { id, name: cleanName(given.name), mime: await typeOf(Buffer.concat(head), given.mime), size };
  await context.records.insert(collection, id, { visitor, sha256, name: file.name, mime: file.mime, size }, { index: visitor });
  return file;
}

/** What the bytes say, else plain text where the browser says so and it holds; never a type that a browser would run. */
async function typeOf(head: Buffer, claimed: string): Promise<string> {
  const found = await fileTypeFromBuffer(head);
  if (found) return found.mime;
  return /^text\/(plain|csv)\b/.test(claimed) && !head.includes(0) ? claimed.replace(/;.*/s, '') : 'application/octet-stream';
}

/** The last part of a path, without what terminals and file systems take for commands. */
export function cleanName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control and direction characters are what is taken out, for they disguise a file's ending.
  const clean = last.replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').trim();
  return clean === '' || /^\.+$/.test(clean) ? 'file' : clean.slice(-150);
}

/** The visitor's own uploads by id; undefined when one is unknown or somebody else's. */
export async function ownFiles({ records }: Pick<Context<unknown>, 'records'>, visitor: string, ids: readonly string[]) {
  const found = await Promise.all(ids.map(async (id) => ({ id, stored: await records.get<StoredFile>(collection, id) })));
  const files = found.flatMap(({ id, stored }) =>
    stored?.visitor === visitor ? [{ id, name: stored.name, mime: stored.mime, size: stored.size, sha256: stored.sha256 }] : [],
  );
  return files.length === ids.length ? files : undefined;
}

/** A file that stands in the visitor's conversation (an agent's too), or one just uploaded. */
export async function visibleFile(context: Pick<Context<unknown>, 'records' | 'history'>, visitor: string, id: string): Promise<BlobRef | undefined> {
  const [own] = (await ownFiles(context, visitor, [id])) ?? [];
  if (own) return own;
  for await (const message of wholeHistory(context, visitor)) {
    const file = message.deleted ? undefined : message.files.find((one) => one.id === id);
    if (file?.blob) return { sha256: file.blob, name: file.name, mime: file.mime, size: file.size ?? 0 };
  }
  return undefined;
}

const page = 200;

export async function* wholeHistory({ history }: Pick<Context<unknown>, 'history'>, thread: string, after?: string) {
  for (let from = after; ; ) {
    const messages = await history.messages(thread, { limit: page, ...(from !== undefined && { after: from }) });
    yield* messages;
    from = messages.at(-1)?.id;
    if (messages.length < page) return;
  }
}
