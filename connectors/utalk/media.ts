/** Files of messages: uTalk tells of them before they have an address, so the message is asked until it has one. */
import type { Readable } from 'node:stream';
import { ConnectorError, type InboundEvent, type Json, type MediaRef } from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import { withFile } from './normalize.ts';
import type { UtalkSettings } from './settings.ts';

const notYetMs = 5000;

function messageOf(ref: Json | undefined): string {
  if (typeof ref === 'object' && ref !== null && 'message' in ref && typeof ref.message === 'string') return ref.message;
  throw new ConnectorError('not-found', 'uTalk: this file does not say which message it belongs to');
}

const notYet = (): ConnectorError => new ConnectorError('unavailable', 'uTalk has not stored this file yet', { retry: { afterMs: notYetMs } });

/** A message's state says nothing about its file: it can stay Processing long after the file is there. */
export async function download(client: Client, settings: Pick<UtalkSettings, 'mediaHosts' | 'address'>, media: MediaRef): Promise<Readable> {
  const { file } = await client.message(messageOf(media.ref));
  if (file?.url === undefined) throw notYet();
  return client.file(allowed(file.url, settings));
}

/** The address comes with a message, so it leads to known hosts only, and in clear text only where the API itself is reached so. */
function allowed(url: string, { mediaHosts, address }: Pick<UtalkSettings, 'mediaHosts' | 'address'>): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const known = parsed !== undefined && (mediaHosts.includes(parsed.host) || mediaHosts.includes(parsed.hostname));
  if (known && (parsed.protocol === 'https:' || (parsed.protocol === 'http:' && address.startsWith('http:')))) return url;
  throw new ConnectorError('blocked', `uTalk: the file is at ${parsed?.host ?? 'no address'}, which is not among \`mediaHosts\``, { field: 'mediaHosts' });
}

/** The event again, once its file is there: with its name, its kind, and what an audio says. */
export async function complete(client: Client, event: InboundEvent): Promise<readonly InboundEvent[]> {
  if (event.type !== 'message' || event.enrich === undefined) return [event];
  const message = await client.message(messageOf(event.enrich));
  if (message.file?.url === undefined) throw notYet();
  return withFile(event, message);
}
