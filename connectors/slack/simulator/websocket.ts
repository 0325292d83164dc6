/** As much of a WebSocket server as Socket Mode needs (RFC 6455): text both ways, pings answered, closing. One frame a message. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Connection {
  send(text: string): void;
  close(): void;
  readonly open: boolean;
}

export interface SocketServer {
  readonly url: string;
  close(): Promise<void>;
}

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 };

export async function listenSocket(
  path: (url: string) => boolean,
  opened: (connection: Connection) => void,
  heard: (connection: Connection, text: string) => void,
  closed: (connection: Connection) => void,
): Promise<SocketServer> {
  const sockets = new Set<Duplex>();
  const server = createServer((_request, response) => void response.writeHead(426).end());
  server.on('upgrade', (request, socket) => {
    const key = request.headers['sec-websocket-key'];
    if (!key || !path(request.url ?? '')) return void socket.destroy();
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    sockets.add(socket);
    serve(socket, opened, heard, (connection) => {
      sockets.delete(socket);
      closed(connection);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function serve(
  socket: Duplex,
  opened: (connection: Connection) => void,
  heard: (connection: Connection, text: string) => void,
  closed: (connection: Connection) => void,
): void {
  let open = true;
  let buffered = Buffer.alloc(0);
  const write = (opcode: number, payload: Buffer): void => void (open && socket.write(frame(opcode, payload)));
  const connection: Connection = {
    send: (text) => write(opcodes.text, Buffer.from(text)),
    close: () => write(opcodes.close, Buffer.from([3, 232])),
    get open() {
      return open;
    },
  };
  (socket as Socket).setNoDelay?.(true);
  socket.on('error', () => {});
  socket.on('close', () => {
    open = false;
    closed(connection);
  });
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (let found = take(buffered); found; found = take(buffered)) {
      buffered = buffered.subarray(found.length);
      if (found.opcode === opcodes.text) heard(connection, found.payload.toString('utf8'));
      else if (found.opcode === opcodes.ping) write(opcodes.pong, found.payload);
      else if (found.opcode === opcodes.close) {
        write(opcodes.close, found.payload);
        open = false;
        socket.end();
      }
    }
  });
  opened(connection);
}

function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.from([128 | opcode, length]) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  if (length >= 126) {
    head[0] = 128 | opcode;
    head[1] = length < 65_536 ? 126 : 127;
    if (length < 65_536) head.writeUInt16BE(length, 2);
    else head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

/** The first whole frame; clients mask what they send. */
function take(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const opcode = (bytes[0] ?? 0) & 15;
  const short = (bytes[1] ?? 0) & 127;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + extra + 4) return undefined;
  const size = extra === 2 ? bytes.readUInt16BE(2) : extra === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
  const start = 2 + extra + 4;
  if (bytes.length < start + size) return undefined;
  const mask = bytes.subarray(2 + extra, start);
  const payload = Buffer.from(bytes.subarray(start, start + size));
  for (let index = 0; index < payload.length; index += 1) payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  return { opcode, payload, length: start + size };
}
