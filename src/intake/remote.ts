/** Whose address is it? Behind proxies that ops trust, what they wrote into X-Forwarded-For; else the socket's. */
import type { IncomingMessage } from 'node:http';

/** `hops`: how many proxies of ours stand before us. Whatever stands further left was written by strangers. */
export function remoteAddress(request: IncomingMessage, hops: number): string {
  const socket = request.socket.remoteAddress ?? '';
  if (hops === 0) return socket;
  const header = request.headers['x-forwarded-for'];
  const list = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((part) => part.trim());
  const chain = [...list.filter(Boolean), socket];
  return chain[Math.max(0, chain.length - 1 - hops)] ?? socket;
}
