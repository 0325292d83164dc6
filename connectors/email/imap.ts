/** One IMAP connection, and what its failures mean. */
import { ImapFlow } from 'imapflow';
import { ConnectorError } from '../../src/kit/index.ts';
import type { EmailSettings } from './settings.ts';

/** Not connected yet. The caller closes it. */
export function createImap({ imap }: EmailSettings): ImapFlow {
  const client = new ImapFlow({
    host: imap.host,
    port: imap.port,
    secure: imap.tls === 'implicit',
    // Set either way: left out, the library would go on in clear text when a server stops offering STARTTLS.
    ...(imap.tls === 'implicit' ? {} : { doSTARTTLS: imap.tls === 'starttls' }),
    auth: { user: imap.user, pass: imap.password.reveal() },
    clientInfo: { name: 'Deskbridge' },
    disableAutoIdle: true,
    // Below the five minutes after which home routers and mail servers forget a silent connection.
    maxIdleTime: 4 * 60_000,
    connectionTimeout: 20_000,
    logger: false,
  });
  // Every failure also rejects the call that it breaks; without a listener the event would end the process.
  client.on('error', () => {});
  return client;
}

/** RFC 5530: a log-in that fails with one of these says nothing about the password, and may work in a moment. */
const passing = new Set(['UNAVAILABLE', 'SERVERBUG', 'INUSE', 'LIMIT']);

interface ImapFailure {
  readonly authenticationFailed?: true;
  readonly serverResponseCode?: string;
  readonly responseText?: string;
  readonly reason?: string;
  readonly code?: string;
}

export function imapError(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { authenticationFailed, serverResponseCode, responseText, reason, code } = error as ImapFailure;
  const said = responseText ?? reason ?? (error instanceof Error ? error.message : String(error));
  if (authenticationFailed && !passing.has(serverResponseCode?.toUpperCase() ?? ''))
    return new ConnectorError('unauthorized', `IMAP: ${said}`, { retry: 'never' });
  return new ConnectorError('unavailable', `IMAP: ${said}${code ? ` (${code})` : ''}`, { retry: 'backoff' });
}
