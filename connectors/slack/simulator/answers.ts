/** How the Web API takes arguments and answers: forms in, objects as JSON in a field, and 200 with `ok: false` where it refuses. */
export type Answer = { readonly ok: boolean; readonly [key: string]: unknown };

export interface Given {
  readonly token: string;
  readonly names: readonly string[];
  text(name: string): string | undefined;
  flag(name: string): boolean;
  /** Undefined too where it is not JSON. */
  json(name: string): unknown;
}

export interface Method {
  readonly scope?: string;
  /** The app-level token, not the bot's. */
  readonly token?: 'app';
  /** Tier: calls a minute. */
  readonly perMinute?: number;
  readonly perMinutePerChannel?: number;
  /** All that it takes; anything else is something that we never saw documented. */
  readonly args: readonly string[];
  run(given: Given): Answer | Promise<Answer>;
}

export const fail = (error: string, messages?: readonly string[]): Answer => ({ ok: false, error, ...(messages && { response_metadata: { messages } }) });
export const missing = (name: string): Answer => fail('invalid_arguments', [`[ERROR] missing required field: ${name}`]);

/** Of a form, or of JSON as some clients send it. */
export function given(body: Buffer, type: string, token: string): Given {
  const values = new Map<string, string>();
  if (/json/.test(type)) {
    for (const [name, value] of Object.entries(JSON.parse(body.toString('utf8') || '{}') as Record<string, unknown>))
      values.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  } else for (const [name, value] of new URLSearchParams(body.toString('utf8'))) values.set(name, value);
  // The library adds it for apps of many workspaces; it changes nothing here.
  values.delete('team_id');
  return {
    token,
    names: [...values.keys()],
    text: (name) => values.get(name),
    flag: (name) => /^(true|1)$/.test(values.get(name) ?? ''),
    json(name) {
      try {
        return JSON.parse(values.get(name) ?? '');
      } catch {
        return undefined;
      }
    },
  };
}
