/** The configuration of a run: three channels, three helpdesks, and a mapping for each channel; all waits short, so that a run ends. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Dovecot } from '../support/dovecot.ts';
import type { ChannelName, HelpdeskName } from './cases.ts';
import type { Outside } from './outside.ts';

export const webhookSecret = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`;

const mappingOf = (channel: ChannelName, helpdesk: HelpdeskName) => ({
  version: 1,
  language: 'en',
  for: { channels: [channel] },
  helpdesk,
  subject: { rules: [{ text: '{{ title }}' }] },
  summary: { required: true, min: 10 },
  impact: [
    { id: 'question', priority: 'low', label: 'A question' },
    { id: 'blocked', priority: 'high', label: 'Blocked' },
  ],
  calendar: { time_zone: 'UTC', hours: { 'mon-fri': '09:00-18:00' } },
  // A file speaks of the helpdesks that it says where to write a due date for.
  due_write: { desk: { field: 'due' }, 'freshdesk-br': { field: 'cf_data_retorno' }, 'zendesk-br': { field: 'cf_data_retorno' } },
  statuses: {
    open: { label: 'Open', meaning: 'open', desk: 'open', 'freshdesk-br': 'Aberto', 'zendesk-br': 'open', due: 'none' },
    pending: { label: 'Pending', meaning: 'pending', desk: 'pending', 'freshdesk-br': 'Pendente', 'zendesk-br': 'pending', due: 'none' },
    solved: { label: 'Solved', meaning: 'resolved', desk: 'resolved', 'freshdesk-br': 'Resolvido', 'zendesk-br': 'solved', due: 'none' },
  },
});

/** Where each channel's tickets go unless its case says otherwise. */
export const home: Readonly<Record<ChannelName, HelpdeskName>> = { program: 'freshdesk-br', 'site-chat': 'zendesk-br', mail: 'desk' };

export function writeConfiguration(folder: string, outside: Outside, dovecot: Dovecot | undefined): void {
  const { freshdesk, zendesk, repliesUrl, smtpPort } = outside;
  const mail = dovecot && {
    connector: 'email',
    address: dovecot.user,
    name: 'Suporte',
    imap: { host: dovecot.host, port: dovecot.imapPort, tls: 'none', user: dovecot.user, password: dovecot.password },
    smtp: { host: '127.0.0.1', port: smtpPort, tls: 'none' },
  };
  const configuration = {
    hold_seconds: 0,
    call_seconds: 1.5,
    channels: {
      program: { connector: 'webhook', secret: webhookSecret, reply: repliesUrl },
      'site-chat': { connector: 'chat-widget' },
      ...(mail && { mail }),
    },
    helpdesks: {
      desk: { connector: 'desk' },
      'freshdesk-br': { connector: 'freshdesk', address: freshdesk.url, apiKey: 'simulator-key', settleSeconds: 0.5, timerStatuses: ['Aberto'] },
      'zendesk-br': {
        connector: 'zendesk',
        address: zendesk.url,
        oauth: { clientId: zendesk.credentials.clientId, clientSecret: zendesk.credentials.clientSecret },
        settleSeconds: 2,
      },
    },
  };
  writeFileSync(join(folder, 'deskbridge.yaml'), stringify(configuration));
  mkdirSync(join(folder, 'mappings'));
  const channels = Object.keys(configuration.channels) as ChannelName[];
  for (const channel of channels) writeFileSync(join(folder, `mappings/${channel}.yaml`), stringify(mappingOf(channel, home[channel])));
}
