/** What Slack's libraries have to say goes to our log; their debug lines hold whole messages, so those go nowhere. */
import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../../src/kit/index.ts';

const textOf = (parts: readonly unknown[]): string =>
  parts
    .map((part) => (part instanceof Error ? part.message : typeof part === 'string' ? part : ''))
    .filter(Boolean)
    .join(' ')
    .slice(0, 500);

export const quietLogger = (log: Log): Logger => ({
  debug() {},
  info: (...parts) => log.debug({ from: 'bolt' }, textOf(parts)),
  warn: (...parts) => log.warn({ from: 'bolt' }, textOf(parts)),
  error: (...parts) => log.warn({ from: 'bolt' }, textOf(parts)),
  setLevel() {},
  getLevel: () => LogLevel.WARN,
  setName() {},
});
