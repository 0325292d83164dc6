/** One file as multipart/form-data that streams: a document may have 100 MB. "Media", Upload Media: `messaging_product`, `type`, `file`. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BlobRef } from '../../src/kit/index.ts';

export interface Form {
  readonly stream: Readable;
  readonly length: number;
  readonly contentType: string;
}

/** Quotes and line ends would end the header early (HTML, "multipart/form-data encoding algorithm"). */
const quotedName = (name: string): string => name.replace(/\r\n|[\r\n]/g, '%0D%0A').replaceAll('"', '%22');

export function multipart(fields: Readonly<Record<string, string>>, file: BlobRef, bytes: Readable): Form {
  const boundary = `deskbridge-${randomUUID()}`;
  const parts = Object.entries(fields).map(([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const head = Buffer.from(
    `${parts.join('')}--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${quotedName(file.name)}"\r\ncontent-type: ${file.mime}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  async function* whole(): AsyncGenerator<Buffer> {
    yield head;
    for await (const chunk of bytes) yield chunk as Buffer;
    yield tail;
  }
  return {
    stream: Readable.from(whole(), { objectMode: false }),
    length: head.length + file.size + tail.length,
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}
