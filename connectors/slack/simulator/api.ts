/** The Web API and the file host over HTTP, with the fault dials in front. */
import express, { type Request, type Response } from 'express';
import { type DialsInside, faultable } from '../../../src/kit/simulator.ts';
import { type Answer, fail, given, type Method } from './answers.ts';
import { methods, needs, type Told } from './methods.ts';
import type { Workspace } from './state.ts';

export interface Tokens {
  readonly bot: string;
  readonly app: string;
}

const logInPage = '<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in to Gym Desk</body></html>';

export function createApi(workspace: Workspace, tokens: Tokens, dials: DialsInside, told: Told, socket: () => Promise<Answer>): express.Express {
  const all = methods(workspace, told, socket);
  const paced = createPace(workspace.now);
  const app = express();
  app.disable('x-powered-by');
  app.use(faultable(dials, { tooMany: { ok: false, error: 'ratelimited' }, broken: { ok: false, error: 'internal_error' } }));

  app.post('/api/:method', async (request, response) => {
    const name = request.params.method;
    const method = all[name];
    if (!method) return void response.status(501).type('text').send(`The simulator does not know the method ${name}`);
    const token = bearer(request);
    const asked = given(request.body as Buffer, request.headers['content-type'] ?? '', token ?? '');
    const unknown = asked.names.filter((each) => each !== 'token' && !method.args.includes(each));
    if (unknown.length > 0)
      return void response
        .status(501)
        .type('text')
        .send(`The simulator does not know ${unknown.join(', ')} of ${name}`);
    const refusal = refuse(method, token);
    if (refusal) return void response.json(refusal);
    const wait = paced(name, method, asked.text('channel') ?? '');
    if (wait > 0) return void response.status(429).set('retry-after', String(wait)).json({ ok: false, error: 'ratelimited' });
    response.set('x-oauth-scopes', workspace.scopes.join(',')).json(await method.run(asked));
  });

  function refuse(method: Method, token: string | undefined): Answer | undefined {
    if (!token) return fail('not_authed');
    const wanted = method.token === 'app' ? tokens.app : tokens.bot;
    if (token !== wanted) return fail([tokens.app, tokens.bot].includes(token) ? 'not_allowed_token_type' : 'invalid_auth');
    return method.scope && !workspace.scopes.includes(method.scope) ? needs(method.scope, workspace) : undefined;
  }

  app.get('/files-pri/:id/:name', (request, response) => {
    const file = workspace.files.get(request.params.id);
    const allowed = bearer(request) === tokens.bot && workspace.scopes.includes('files:read');
    if (!file || !allowed) return void response.type('text/html').send(logInPage);
    response.type(file.mime).send(file.bytes);
  });

  app.post('/upload/v1/:id', (request, response) => void takeUpload(workspace, request, response));
  app.use((request, response) => void response.status(501).type('text').send(`The simulator has nothing at ${request.path}`));
  return app;
}

const bearer = (request: Request): string | undefined => /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];

async function takeUpload(workspace: Workspace, request: Request, response: Response): Promise<void> {
  const upload = workspace.uploads.get(String(request.params.id));
  const form = await new globalThis.Response(new Uint8Array(request.body as Buffer), { headers: { 'content-type': request.headers['content-type'] ?? '' } })
    .formData()
    .catch(() => undefined);
  const file = form ? [...form.values()].find((value) => typeof value !== 'string') : undefined;
  const bytes = file && Buffer.from(await (file as Blob).arrayBuffer());
  if (!upload || bytes?.length !== upload.length) return void response.status(400).type('text').send('the upload does not fit its ticket');
  upload.bytes = bytes;
  response.type('text').send(`OK - ${bytes.length}`);
}

/** Tiers, counted by the minute (docs.slack.dev, "Rate limits"). Returns seconds to wait, or 0. */
function createPace(now: () => number): (name: string, method: Method, channel: string) => number {
  const counts = new Map<string, { minute: number; count: number }>();
  return (name, { perMinute, perMinutePerChannel }, channel) => {
    const limit = perMinutePerChannel ?? perMinute;
    if (limit === undefined) return 0;
    const key = perMinutePerChannel === undefined ? name : `${name} ${channel}`;
    const minute = Math.floor(now() / 60_000);
    const known = counts.get(key);
    const count = known?.minute === minute ? known.count + 1 : 1;
    counts.set(key, { minute, count });
    return count > limit ? Math.max(1, Math.ceil(((minute + 1) * 60_000 - now()) / 1000)) : 0;
  };
}
