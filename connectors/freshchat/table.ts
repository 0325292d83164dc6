/** Reads a report's file: CSV (RFC 4180), as it is, gzipped, or as the files of a ZIP archive. */
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { ConnectorError } from '../../src/kit/index.ts';

const limit = { maxOutputLength: 200 * 2 ** 20 };

const broken = (what: string): ConnectorError => new ConnectorError('not-understood', `The report is ${what}`);

/** Of an archive with files, and of an empty one. */
const zipStarts = new Set([0x04034b50, 0x06054b50]);

/** The texts in a file. Throws ConnectorError `not-understood`. */
export function unpackReport(bytes: Buffer): readonly string[] {
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return [gunzipSync(bytes, limit).toString('utf8')];
    if (bytes.length >= 4 && zipStarts.has(bytes.readUInt32LE(0))) return unzip(bytes);
  } catch (error) {
    throw error instanceof ConnectorError ? error : broken(`no archive that can be opened (${error instanceof Error ? error.message : String(error)})`);
  }
  return [bytes.toString('utf8')];
}

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

/** By the central directory at the end, which knows the sizes that the entries may leave out. */
function unzip(bytes: Buffer): readonly string[] {
  let end = bytes.length - 22;
  while (end >= 0 && bytes.readUInt32LE(end) !== endOfDirectory) end -= 1;
  if (end < 0) throw broken('a ZIP archive without a directory');
  const texts: string[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (bytes.readUInt32LE(at) !== directoryEntry) throw broken('a ZIP archive with a broken directory');
    const method = bytes.readUInt16LE(at + 10);
    const size = bytes.readUInt32LE(at + 20);
    const header = bytes.readUInt32LE(at + 42);
    const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
    const packed = bytes.subarray(start, start + size);
    if (method !== 0 && method !== 8) throw broken('a ZIP archive of an unknown kind');
    if (size > 0) texts.push((method === 0 ? packed : inflateRawSync(packed, limit)).toString('utf8'));
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return texts;
}

/** Rows of cells; a quoted cell may hold commas, quotes (doubled) and line ends. */
export function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n][^,\r\n]*|)(,|\r?\n|\r|$)/y;
  const source = text.replace(/^\uFEFF/, '');
  while (cell.lastIndex < source.length) {
    const at = cell.lastIndex;
    const found = cell.exec(source);
    if (!found) throw broken(`no CSV: character ${at} is not where it may be`);
    const [, value = '', separator] = found;
    row.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (separator !== ',') {
      rows.push(row);
      row = [];
    } else if (cell.lastIndex === source.length) row.push('');
  }
  if (row.length > 0) rows.push(row);
  return rows.filter((one) => one.length > 1 || one[0] !== '');
}

const bare = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The values of one column. Throws ConnectorError `not-understood` that names the columns there are. */
export function column(rows: readonly (readonly string[])[], name: string, where: string): readonly string[] {
  const [head, ...body] = rows;
  if (!head) return [];
  const index = head.findIndex((one) => bare(one) === bare(name));
  if (index < 0)
    throw new ConnectorError('not-understood', `${where} has no column "${name}" (reconcile.conversationColumn); its columns are ${head.join(', ')}`);
  return body.flatMap((cells) => cells[index]?.trim() || []);
}
