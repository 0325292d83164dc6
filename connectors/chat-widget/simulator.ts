/** Visitors of a site with the widget on it, without a browser: they call what the widget calls, and come again as it does until they are heard. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { createDials, faultable, type ShownMessage, type SimulatedChannel, type SimulatedFile, type SimulatedPerson } from '../../src/kit/simulator.ts';

/** A line of the stream, as far as it is read here. */
interface Line {
  readonly type: string;
  readonly message?: {
    readonly id: string;
    readonly from: string;
    readonly text: string;
    readonly files: readonly { readonly id: string; readonly name: string }[];
  };
}

/** A visitor's page is closed after so many attempts; the widget itself goes on for days. */
const attemptsAtMost = 60;

export function simulatedChannel(): SimulatedChannel {
  const dials = createDials();
  const tokens = new Map<string, string>();
  const shown = new Map<string, ShownMessage[]>();
  let hook = '';

  async function call(method: string, path: string, token: string | undefined, body?: BodyInit, type = 'application/json'): Promise<Response> {
    for (let attempt = 0; attempt < attemptsAtMost; attempt += 1) {
      try {
        const headers = { ...(body === undefined ? {} : { 'content-type': type }), ...(token ? { authorization: `Bearer ${token}` } : {}) };
        const response = await fetch(hook + path, { method, headers, ...(body === undefined ? {} : { body }) });
        if (response.status < 500 && response.status !== 429) return response;
        await response.arrayBuffer();
      } catch {
        // Offline: the widget tries again, too.
      }
      await wait(Math.min(2000, 50 * 2 ** attempt));
    }
    throw new Error(`${method} ${path} was never heard`);
  }

  const json = async <T>(response: Response): Promise<T> => {
    if (!response.ok) throw new Error(`the widget's door answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };

  async function tokenOf(person: SimulatedPerson): Promise<string> {
    const known = tokens.get(person.id);
    if (known) return known;
    const { token } = await json<{ token: string }>(await call('POST', '/session', undefined, '{}'));
    tokens.set(person.id, token);
    return token;
  }

  const upload = async (token: string, { name, mime, bytes }: SimulatedFile): Promise<{ id: string }> => {
    const { id } = await json<{ id: string }>(await call('PUT', `/files?name=${encodeURIComponent(name)}`, token, new Uint8Array(bytes), mime));
    return { id };
  };

  async function read(token: string): Promise<readonly ShownMessage[]> {
    const response = await fetch(`${hook}/stream`, { headers: { authorization: `Bearer ${token}` } });
    const found: ShownMessage[] = [];
    let rest = '';
    for await (const chunk of response.body ?? []) {
      rest += Buffer.from(chunk).toString('utf8');
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter(Boolean).map((one) => JSON.parse(one) as Line)) {
        // Leaving the loop ends the stream.
        if (line.type === 'ready') return found;
        const { message } = line;
        if (message) found.push({ id: message.id, from: message.from === 'contact' ? 'customer' : 'business', text: message.text, files: [] });
      }
    }
    return found;
  }

  const app = express().use(faultable(dials));
  app.use((_request, response) => void response.status(501).json({ error: 'the widget’s vendor is Deskbridge itself' }));

  return {
    app,
    dials,
    agents: false,
    settings: () => ({}),
    hook: (url) => {
      hook = url;
    },
    async write({ person, text, files = [] }) {
      const token = await tokenOf(person);
      const id = randomUUID();
      const uploaded = await Promise.all(files.map((file) => upload(token, file)));
      const { name, email } = person;
      await json(await call('POST', '/messages', token, JSON.stringify({ id, text, files: uploaded, name, email })));
      return { id };
    },
    async settled() {
      for (const [person, token] of tokens) shown.set(person, [...(await read(token))]);
    },
    shown: (_conversation, person) => shown.get(person.id) ?? [],
  };
}
