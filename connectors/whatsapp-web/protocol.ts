/** What the two processes say to each other over Node's IPC channel: the parent is Deskbridge, the child holds the library and leads the browser's process group. */
import type { ErrorCode } from '../../src/kit/index.ts';
import type { Heard } from './heard.ts';

/** How the child is started: all that it is told, since it inherits no settings and no secrets. */
export interface StartOptions {
  /** Module instead of whatsapp-web.js. */
  readonly library?: string | undefined;
  /** The channel's folder: spool, profile, files. */
  readonly folder: string;
  /** Name of the session's profile: `session-<clientId>`. */
  readonly clientId: string;
  readonly executablePath: string;
  readonly browserArgs: readonly string[];
  readonly webVersion?: string | undefined;
  readonly webVersionCache:
    | { readonly type: 'local'; readonly path: string }
    | { readonly type: 'remote'; readonly remotePath: string }
    | { readonly type: 'none' };
  readonly takeover: boolean;
  readonly readyMs: number;
  readonly probeMs: number;
}

export interface Account {
  /** The number's own id: `5511…@c.us`. */
  readonly id: string;
  readonly name?: string | undefined;
}

/** A file that lies in the channel's folder. */
export interface FileAt {
  readonly path: string;
  readonly name: string;
  readonly mime: string;
}

export type Call =
  | { readonly what: 'send'; readonly chat: string; readonly text: string; readonly file?: FileAt }
  /** Our own messages of a chat since `since` (epoch ms): those that a device like ours sent. */
  | { readonly what: 'find'; readonly chat: string; readonly since: number }
  /** Writes the file of a message into the channel's folder. */
  | { readonly what: 'download'; readonly message: string }
  /** The id that a phone number (digits) has at WhatsApp. */
  | { readonly what: 'number'; readonly digits: string }
  /** What the page says of its connection. */
  | { readonly what: 'connection' };

/** A message of ours, as it stands at WhatsApp. */
export interface OwnMessage {
  readonly id: string;
  readonly chat: string;
  readonly at: number;
  readonly text: string;
  /** Of a file: what kind it is shown as, and its name where it is a document. */
  readonly file?: { readonly type: string; readonly name?: string };
}

export interface Answers {
  readonly send: OwnMessage;
  readonly find: readonly OwnMessage[];
  readonly download: { readonly path: string; readonly size: number };
  readonly number: { readonly id: string | null };
  readonly connection: { readonly connection: string | null };
}
export type Answer = Answers[keyof Answers];

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly effect: 'none' | 'unclear';
  readonly again: boolean;
}

export type FromChild =
  | { readonly type: 'qr'; readonly qr: string }
  | { readonly type: 'authenticated' }
  | { readonly type: 'ready'; readonly account: Account }
  /** The heartbeat. `connection` is what the page says of itself; null when it did not answer, absent before it is ready. */
  | { readonly type: 'alive'; readonly connection?: string | null }
  /** `seq` counts within one child; unacknowledged ones come again from the spool of the next. */
  | { readonly type: 'heard'; readonly seq: number; readonly event: Heard }
  /** All that `fill` asked for was sent before this. `problem`: not all of it could be read. */
  | { readonly type: 'caughtUp'; readonly problem?: string }
  | { readonly type: 'answer'; readonly request: number; readonly answer: Answer }
  | { readonly type: 'refusal'; readonly request: number; readonly refusal: Refusal }
  /** Its last words. `reason` is `LOGOUT` when the number was unlinked on the phone. */
  | { readonly type: 'ended'; readonly reason: string };

export type ToChild =
  | { readonly type: 'start'; readonly options: StartOptions }
  /** Send what was written since then (epoch ms), and then `caughtUp`. */
  | { readonly type: 'fill'; readonly since: number }
  /** The event is committed: the spool may forget it. */
  | { readonly type: 'acknowledged'; readonly seq: number }
  | { readonly type: 'request'; readonly request: number; readonly call: Call }
  | { readonly type: 'shutdown' };
