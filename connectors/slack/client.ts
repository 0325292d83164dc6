/** The only file that talks to Slack: Web API methods over the kit's HTTP, files, and what failures mean. */
import type { Readable } from 'node:stream';
import { webApi } from '@slack/bolt';
import { z } from 'zod';
import { type BlobRef, ConnectorError, type Context, connectorError, type ErrorCode, type Json } from '../../src/kit/index.ts';
import { quietLogger } from './logger.ts';
import type { SlackSettings } from './settings.ts';

export type Arguments = { readonly [name: string]: Json | undefined };

export interface SlackClient {
  /** Calls a Web API method. Throws ConnectorError; what does not have the shape of `schema` is `not-understood`. */
  call<S extends z.ZodType>(method: string, args: Arguments, schema: S): Promise<z.output<S>>;
  /** Ids of our own app's bot and of the workspace, and the scopes that the token has. Asked once. */
  self(): Promise<Self>;
  fetchFile(url: string, mime: string | undefined, size: number | undefined): Promise<Readable>;
  /** Sends bytes where `files.getUploadURLExternal` said. Nobody sees them yet. */
  upload(url: string, file: BlobRef): Promise<void>;
  /** For libraries that call Slack themselves. */
  readonly options: webApi.WebClientOptions;
}

export interface Self {
  readonly team: string;
  readonly teamName: string;
  readonly user: string;
  readonly name: string;
  readonly bot: string | null;
  readonly scopes: readonly string[] | null;
}

const selfSchema = z.object({
  team_id: z.string(),
  team: z.string().default(''),
  user_id: z.string(),
  user: z.string().default(''),
  bot_id: z.string().nullish(),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});

/** Errors of the Web API by what a person should do (docs.slack.dev, each method's "Errors"). All others are refusals. */
const codes: readonly (readonly [ErrorCode, RegExp])[] = [
  ['unauthorized', /^(invalid_auth|not_authed|account_inactive|token_revoked|token_expired|two_factor_setup_required)$/],
  [
    'forbidden',
    /^(missing_scope|not_allowed_token_type|access_denied|no_permission|not_in_channel|restricted_action.*|ekm_access_denied|enterprise_is_restricted|team_access_not_granted|method_not_supported_for_channel_type|cannot_dm_bot)$/,
  ],
  ['not-found', /^(channel|thread|message|user|users|file|view)_not_found$|^(not_found|is_archived|file_deleted)$/],
  ['too-large', /^(msg_too_long|file_too_large|file_uploads_too_large|view_too_large)$/],
  ['rate-limited', /^(ratelimited|rate_limited)$/],
  ['unavailable', /^(internal_error|fatal_error|request_timeout|service_unavailable|team_added_to_org)$/],
];

/** Anything that is no name of an error is a page of somebody else's: the library puts what it could not read there. */
const isName = (error: string): boolean => /^[a-z0-9_.]{1,80}$/.test(error);

function platformError(error: webApi.WebAPIPlatformError): ConnectorError {
  const name = error.data.error;
  if (!isName(name)) return new ConnectorError('not-understood', 'Slack answered something that is not its Web API', { effect: 'unclear' });
  const code = codes.find(([, names]) => names.test(name))?.[0] ?? 'refused';
  const details = [
    'needed' in error.data && typeof error.data.needed === 'string' ? `the app needs the scope ${error.data.needed}` : '',
    ...(error.data.response_metadata?.messages ?? []).slice(0, 5),
  ];
  const text = [`Slack: ${name}`, ...details.filter(Boolean)].join('; ');
  if (code === 'unavailable') return new ConnectorError(code, text, { retry: 'backoff', effect: 'unclear' });
  return new ConnectorError(code, text, { retry: code === 'rate-limited' ? 'backoff' : 'never' });
}

export function slackError(error: unknown, now: number): ConnectorError {
  if (error instanceof webApi.WebAPIPlatformError) return platformError(error);
  if (error instanceof webApi.WebAPIRateLimitedError)
    return new ConnectorError('rate-limited', 'Slack: too many calls', { retry: { afterMs: error.retryAfter * 1000 }, status: 429 });
  if (error instanceof webApi.WebAPIRequestError) return connectorError(error.original, 'Slack', now);
  if (error instanceof webApi.WebAPIHTTPError) {
    const status = error.statusCode;
    if (status >= 500) return new ConnectorError('unavailable', `Slack: HTTP ${status}`, { retry: 'backoff', effect: 'unclear', status });
    return new ConnectorError('not-understood', `Slack: HTTP ${status}`, { status });
  }
  return connectorError(error, 'Slack', now);
}

/** `fetch` over the kit's HTTP, so that the egress guard, time-outs and size limits hold for Slack's library too. */
const fetchOver =
  ({ http }: Context<SlackSettings>): typeof fetch =>
  async (input, init) => {
    const { status, data, headers } = await http.request<Buffer>({
      url: String(input),
      method: init?.method ?? 'GET',
      headers: { ...(init?.headers as Record<string, string>) },
      data: init?.body,
      responseType: 'arraybuffer',
      validateStatus: () => true,
      ...(init?.signal && { signal: init.signal }),
    });
    const known = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as [string, string]] : []));
    const answer = new Headers(known);
    // Without it the library gives up with an error of no class.
    if (status === 429 && !/^\d+$/.test(answer.get('retry-after') ?? '')) answer.set('retry-after', '30');
    // The body is decoded already.
    answer.delete('content-encoding');
    return new Response(data.length > 0 ? new Uint8Array(data) : null, { status, headers: answer });
  };

export function createClient(context: Context<SlackSettings>): SlackClient {
  const { settings, http, now, blobs } = context;
  const options: webApi.WebClientOptions = {
    slackApiUrl: settings.apiUrl,
    allowAbsoluteUrls: false,
    fetch: fetchOver(context),
    logger: quietLogger(context.log),
    // Steps decide what goes again, and the delivery engine waits.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  };
  const web = new webApi.WebClient(settings.token.reveal(), options);
  let asked: Promise<Self> | undefined;

  const call: SlackClient['call'] = async (method, args, schema) => {
    let answer: unknown;
    try {
      answer = await web.apiCall(method, { ...args });
    } catch (error) {
      throw slackError(error, now());
    }
    const parsed = schema.safeParse(answer);
    // Whatever it was, the method has been carried out.
    if (!parsed.success) throw new ConnectorError('not-understood', `Slack answered ${method} in an unknown shape`, { effect: 'unclear' });
    return parsed.data;
  };

  /** The token must not go to a host that a message names. */
  function allowed(url: string): string {
    const { hostname, protocol } = new URL(url);
    const plain = protocol === 'http:' && settings.apiUrl.startsWith('http:');
    if (!settings.fileHosts.includes(hostname) || (protocol !== 'https:' && !plain))
      throw new ConnectorError('blocked', `${hostname} is not a host of Slack's files; the setting fileHosts lists them`);
    return url;
  }

  return {
    options,
    call,
    async self() {
      asked ??= call('auth.test', {}, selfSchema).then((found) => ({
        team: found.team_id,
        teamName: found.team,
        user: found.user_id,
        name: found.user,
        bot: found.bot_id ?? null,
        scopes: found.response_metadata?.scopes ?? null,
      }));
      try {
        return await asked;
      } catch (error) {
        asked = undefined;
        throw error;
      }
    },
    async fetchFile(url, mime, size) {
      try {
        const headers = { authorization: `Bearer ${settings.token.reveal()}` };
        const { data, headers: got } = await http.get<Readable>(allowed(url), { headers, responseType: 'stream', maxContentLength: 50 * 2 ** 20 });
        if (isLogInPage(String(got['content-type'] ?? ''), Number(got['content-length']), mime, size)) {
          data.destroy();
          throw noAccess();
        }
        return data;
      } catch (error) {
        const classified = connectorError(error, 'Slack’s files', now());
        throw classified.status !== undefined && classified.status >= 300 && classified.status < 400 ? noAccess() : classified;
      }
    },
    async upload(url, file) {
      const form = new FormData();
      form.append('body', new Blob([new Uint8Array(await blobs.read(file.sha256))], { type: file.mime }), file.name);
      try {
        await http.post(allowed(url), form);
      } catch (error) {
        throw connectorError(error, 'Slack’s files', now());
      }
    },
  };
}

const noAccess = (): ConnectorError =>
  new ConnectorError('forbidden', 'Slack answered with its log-in page instead of the file: the app needs the scope files:read and a place in the channel');

/** Without a right to the file, a page comes back with 200 (unconfirmed). A file that is HTML itself has the size that its message told. */
function isLogInPage(type: string, length: number, mime: string | undefined, size: number | undefined): boolean {
  if (!/^text\/html\b/i.test(type)) return false;
  return !/html/i.test(mime ?? '') || (size !== undefined && Number.isFinite(length) && length !== size);
}
