/** Everybody whom the server talks to, in this process and with faults: two helpdesks, a program that gets replies, a mail server. */
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import express from 'express';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { type FreshdeskSimulator, freshdeskSimulator } from '../../connectors/freshdesk/simulator.ts';
import { type ZendeskSimulator, zendeskSimulator } from '../../connectors/zendesk/simulator.ts';
import { createDials, type Dials, faultable, listen } from '../../src/kit/simulator.ts';
import type { Aim } from './aim.ts';
import { countFaults, type FaultCounts, turnOn } from './faults.ts';

export interface Reached {
  /** What the customer got: a reply's id at the program, a mail's Message-ID. */
  readonly id: string;
  readonly text: string;
}

export interface Outside {
  readonly freshdesk: FreshdeskSimulator & { readonly url: string };
  readonly zendesk: ZendeskSimulator & { readonly url: string };
  readonly repliesUrl: string;
  readonly smtpPort: number;
  /** Posted replies; the program knows each by its `webhook-id` (Standard Webhooks) and takes it once. */
  readonly posted: Reached[];
  readonly mailed: Reached[];
  /** Posts that came again under an id that was taken already. */
  readonly recognised: () => number;
  readonly faults: FaultCounts;
  faultsOn(): void;
  faultsOff(): void;
  close(): Promise<void>;
}

const writes = (method: string | undefined): boolean => method !== 'GET' && method !== 'HEAD';

/** Calls out the three moments of each write. A grant of a token changes nothing, so nobody aims at it. */
function helpdesk(app: RequestListener, dials: Dials, aim: Aim): RequestListener {
  dials.watch((moment, { method, path }) => {
    if (writes(method) && !path.startsWith('/oauth')) aim.reached(moment === 'arrived' ? 'helpdesk: asked' : 'helpdesk: done, not answered');
  });
  return (request, response) => {
    if (writes(request.method)) response.once('finish', () => aim.reached('helpdesk: answered'));
    app(request, response);
  };
}

function program(dials: Dials, aim: Aim): { app: RequestListener; posted: Reached[]; recognised: () => number } {
  const posted: Reached[] = [];
  let recognised = 0;
  dials.watch((moment) => aim.reached(moment === 'arrived' ? 'customer: asked' : 'customer: reached, not answered'));
  const app = express();
  app.use(faultable(dials));
  app.post('/replies', (request, response) => {
    const id = String(request.headers['webhook-id']);
    if (posted.some((one) => one.id === id)) recognised += 1;
    else posted.push({ id, text: String(request.body) });
    response.json({ id });
  });
  return { app, posted, recognised: () => recognised };
}

async function mailServer(aim: Aim): Promise<{ server: SMTPServer; port: number; mailed: Reached[] }> {
  const mailed: Reached[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    // A name server's time-out would make every mail slow, and nearly every one unclear.
    disableReverseLookup: true,
    onData(stream, _session, done) {
      aim.reached('customer: asked');
      void buffer(stream)
        .then((raw) => simpleParser(raw))
        .then(({ messageId = '', text = '' }) => {
          mailed.push({ id: messageId, text });
          aim.reached('customer: reached, not answered');
          done();
        }, done);
    },
  });
  // A killed client is no reason to stop.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.server.address() as AddressInfo).port, mailed };
}

export async function startOutside(seed: number, aim: Aim): Promise<Outside> {
  const [forFreshdesk, forZendesk, forReplies] = [createDials({ seed }), createDials({ seed: seed + 1 }), createDials({ seed: seed + 2 })];
  const all = [forFreshdesk, forZendesk, forReplies];
  const faults: FaultCounts = new Map();
  for (const dials of all) countFaults(dials, faults);
  const freshdesk = freshdeskSimulator({ dials: forFreshdesk });
  const zendesk = zendeskSimulator({ dials: forZendesk, limits: { account: 2000, updates: 500 } });
  const replies = program(forReplies, aim);
  const smtp = await mailServer(aim);
  const servers = [
    await listen(helpdesk(freshdesk.app, forFreshdesk, aim)),
    await listen(helpdesk(zendesk.app, forZendesk, aim)),
    await listen(replies.app),
  ] as const;
  return {
    freshdesk: { ...freshdesk, url: servers[0].url },
    zendesk: { ...zendesk, url: servers[1].url },
    repliesUrl: `${servers[2].url}/replies`,
    smtpPort: smtp.port,
    posted: replies.posted,
    mailed: smtp.mailed,
    recognised: replies.recognised,
    faults,
    faultsOn: () => all.forEach(turnOn),
    faultsOff: () => all.forEach((dials) => void dials.clear()),
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      await new Promise<void>((resolve) => smtp.server.close(() => resolve()));
    },
  };
}
