/** How conversations and messages of Slack are named. A `ts` is text, never a number: its last digits would be rounded away. */

/** A thread of a channel; without `root`, a direct conversation with the bot. */
export interface Place {
  readonly team: string;
  readonly channel: string;
  readonly root: string | undefined;
}

/** Direct conversations have no threads worth the name: one key, cut into conversations by silence. */
export const isDirect = (channel: string, type?: string): boolean => type === 'im' || channel.startsWith('D');

export const threadKey = (team: string, channel: string, root: string, type?: string): string =>
  isDirect(channel, type) ? `${team}:${channel}` : `${team}:${channel}:${root}`;

export function placeOf(thread: string): Place {
  const [team = '', channel = '', root] = thread.split(':');
  return { team, channel, root };
}

export const messageId = (team: string, channel: string, ts: string): string => `${team}:${channel}:${ts}`;

/** Epoch ms of `1700000000.123456`. */
export function msOf(ts: string): number {
  const [seconds = '0', fraction = ''] = ts.split('.');
  return Number(seconds) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** `1700000000.123000` of epoch ms. */
export const tsOf = (ms: number): string => `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}000`;

/** The message that "Copy link" names: `https://team.slack.com/archives/C1/p1700000000123456?thread_ts=1700000000.000100&cid=C1`. */
export function linkedMessage(text: string): { channel: string; root: string } | undefined {
  const found = /\/archives\/([CDG][A-Z0-9]+)\/p(\d{10})(\d{6})(?:\?([^\s>|]*))?/.exec(text);
  if (!found) return undefined;
  const [, channel = '', seconds, fraction, query] = found;
  const root = new URLSearchParams(query?.replaceAll('&amp;', '&')).get('thread_ts');
  return { channel, root: root !== null && /^\d+\.\d+$/.test(root) ? root : `${seconds}.${fraction}` };
}
