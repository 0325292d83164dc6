/** A mail server's IMAP side with one mailbox, for the sandbox: the part of RFC 9051 and RFC 2177 that this channel uses. Anything else is refused with BAD. */
import { createServer, type Server, type Socket } from 'node:net';

export interface StoredMail {
  readonly uid: number;
  readonly raw: Buffer;
  /** Epoch ms. */
  readonly at: number;
  readonly flags: Set<string>;
}

export interface ImapSimulator {
  readonly server: Server;
  readonly mails: readonly StoredMail[];
  /** Puts a mail into the INBOX and tells whoever is in IDLE. */
  deliver(raw: Buffer, at: number): void;
}

export interface ImapAccount {
  readonly user: string;
  readonly password: string;
}

const capabilities = 'IMAP4rev1 IDLE UIDPLUS NAMESPACE ID AUTH=PLAIN';
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** RFC 9051 date-time: ` 5-Nov-2026 09:02:11 +0000`. */
function dateTime(ms: number): string {
  const at = new Date(ms);
  const day = String(at.getUTCDate()).padStart(2, ' ');
  return `${day}-${months[at.getUTCMonth()]}-${at.getUTCFullYear()} ${at.toISOString().slice(11, 19)} +0000`;
}

/** Whether a uid is in a set such as `3:7,9` or `12:*`, where `*` is the highest there is. */
function inSet(set: string, uid: number, highest: number): boolean {
  const value = (text: string): number => (text === '*' ? highest : Number(text));
  return set.split(',').some((range) => {
    const [from = '', to = from] = range.split(':');
    const [low, high] = [Math.min(value(from), value(to)), Math.max(value(from), value(to))];
    return uid >= low && uid <= high;
  });
}

const unquoted = (text: string): string => text.replace(/^"(.*)"$/s, '$1').replace(/\\(.)/g, '$1');

export function createImapSimulator(account: ImapAccount): ImapSimulator {
  const mails: StoredMail[] = [];
  const idling = new Set<() => void>();
  const server = createServer((socket) => void serve(socket, account, mails, idling));
  return {
    server,
    mails,
    deliver(raw, at) {
      mails.push({ uid: (mails.at(-1)?.uid ?? 0) + 1, raw, at, flags: new Set() });
      for (const tell of idling) tell();
    },
  };
}

/** Answers of one command; undefined where the server does not know it. */
type Answer = readonly (string | Buffer)[] | undefined;

function serve(socket: Socket, account: ImapAccount, mails: StoredMail[], idling: Set<() => void>): void {
  let seen = mails.length;
  let idleTag: string | undefined;
  let rest = Buffer.alloc(0);
  let signedIn = false;
  let pendingAuth: string | undefined;
  const line = (...parts: readonly (string | Buffer)[]): void => {
    if (!socket.destroyed) socket.write(Buffer.concat([...parts.map((part) => Buffer.from(part)), Buffer.from('\r\n')]));
  };
  const news = (): void => {
    if (mails.length > seen) line(`* ${mails.length} EXISTS`);
    seen = mails.length;
  };
  socket.on('error', () => undefined).on('close', () => idling.delete(news));
  line(`* OK [CAPABILITY ${capabilities}] the made-up mail server is ready`);

  function authenticate(tag: string, user: string, password: string): void {
    signedIn = user === account.user && password === account.password;
    line(signedIn ? `${tag} OK [CAPABILITY ${capabilities}] signed in` : `${tag} NO [AUTHENTICATIONFAILED] wrong user or password`);
  }

  function plain(tag: string, text: string): void {
    const [, user = '', password = ''] = Buffer.from(text, 'base64').toString('utf8').split('\0');
    authenticate(tag, user, password);
  }

  function command(text: string): void {
    if (idleTag !== undefined && text.toUpperCase() === 'DONE') {
      idling.delete(news);
      line(`${idleTag} OK idle ended`);
      idleTag = undefined;
      return;
    }
    if (pendingAuth !== undefined) {
      plain(pendingAuth, text);
      pendingAuth = undefined;
      return;
    }
    const [, tag = '*', name = '', rest = ''] = /^(\S+) (UID \S+|\S+) ?(.*)$/is.exec(text) ?? [];
    const verb = name.toUpperCase();
    if (verb === 'LOGIN') {
      const [user = '', password = ''] = rest.match(/"(?:\\.|[^"])*"|\S+/g) ?? [];
      return void authenticate(tag, unquoted(user), unquoted(password));
    }
    if (verb === 'AUTHENTICATE') {
      const [method = '', initial] = rest.split(' ');
      if (method.toUpperCase() !== 'PLAIN') return void line(`${tag} NO only PLAIN`);
      if (initial) return void plain(tag, initial);
      pendingAuth = tag;
      return void line('+ ');
    }
    if (!signedIn && !['CAPABILITY', 'ID', 'NOOP', 'LOGOUT'].includes(verb)) return void line(`${tag} NO sign in first`);
    if (verb === 'IDLE') {
      idleTag = tag;
      idling.add(news);
      line('+ idling');
      return void news();
    }
    const answers = answer(verb, rest, mails);
    if (!answers) return void line(`${tag} BAD this made-up mail server does not know ${verb}`);
    for (const each of answers) line(each);
    if (verb === 'SELECT' || verb === 'EXAMINE') seen = mails.length;
    else news();
    line(`${tag} OK done`);
    if (verb === 'LOGOUT') socket.end();
  }

  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      const text = rest.subarray(0, end).toString('utf8');
      rest = rest.subarray(end + 2);
      command(text);
    }
  });
}

function answer(verb: string, rest: string, mails: StoredMail[]): Answer {
  switch (verb) {
    case 'CAPABILITY':
      return [`* CAPABILITY ${capabilities}`];
    case 'ID':
      return ['* ID ("name" "made up")'];
    case 'NAMESPACE':
      return ['* NAMESPACE (("" "/")) NIL NIL'];
    case 'LIST':
    case 'LSUB':
      return [`* ${verb} (\\HasNoChildren) "/" "INBOX"`];
    case 'NOOP':
      return [];
    case 'LOGOUT':
      return ['* BYE see you'];
    case 'SELECT':
    case 'EXAMINE':
      if (unquoted(rest.split(' ')[0] ?? '').toUpperCase() !== 'INBOX') return undefined;
      return [
        '* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)',
        '* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft \\*)] flags',
        `* ${mails.length} EXISTS`,
        '* 0 RECENT',
        '* OK [UIDVALIDITY 1795000000] valid',
        `* OK [UIDNEXT ${(mails.at(-1)?.uid ?? 0) + 1}] next`,
      ];
    case 'UID SEARCH':
      return search(rest, mails);
    case 'UID FETCH':
      return fetchMails(rest, mails);
    case 'UID STORE':
      return store(rest, mails);
    default:
      return undefined;
  }
}

const highest = (mails: readonly StoredMail[]): number => mails.at(-1)?.uid ?? 0;

function search(rest: string, mails: readonly StoredMail[]): Answer {
  const found = /^(?:UID (\S+)|ALL)(?: SINCE (\S+))?$/i.exec(rest.trim());
  if (!found) return undefined;
  const [, set = '1:*', since] = found;
  const from = since === undefined ? 0 : Date.parse(`${since} UTC`);
  const uids = mails.filter(({ uid, at }) => inSet(set, uid, highest(mails)) && at >= from).map(({ uid }) => uid);
  return [`* SEARCH${uids.map((uid) => ` ${uid}`).join('')}`];
}

function fetchMails(rest: string, mails: readonly StoredMail[]): Answer {
  const [, set = '', wanted = ''] = /^(\S+) \(?(.*?)\)?$/s.exec(rest) ?? [];
  const items = wanted.match(/BODY\.PEEK\[[^\]]*\](?:<[\d.]+>)?|\S+/gi) ?? [];
  const lines: Buffer[] = [];
  for (const [index, mail] of mails.entries()) {
    if (!inSet(set, mail.uid, highest(mails))) continue;
    const parts = items.map((item) => fetchItem(item, mail));
    if (parts.some((part) => part === undefined)) return undefined;
    const body = parts.flatMap((part, at) => (at === 0 ? [part ?? Buffer.alloc(0)] : [Buffer.from(' '), part ?? Buffer.alloc(0)]));
    lines.push(Buffer.concat([Buffer.from(`* ${index + 1} FETCH (`), ...body, Buffer.from(')')]));
  }
  return lines;
}

const literal = (name: string, bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${name} {${bytes.length}}\r\n`), bytes]);

function fetchItem(item: string, mail: StoredMail): Buffer | undefined {
  switch (item.toUpperCase()) {
    case 'UID':
      return Buffer.from(`UID ${mail.uid}`);
    case 'FLAGS':
      return Buffer.from(`FLAGS (${[...mail.flags].join(' ')})`);
    case 'RFC822.SIZE':
      return Buffer.from(`RFC822.SIZE ${mail.raw.length}`);
    case 'INTERNALDATE':
      return Buffer.from(`INTERNALDATE "${dateTime(mail.at)}"`);
    case 'BODY.PEEK[HEADER]':
      return literal('BODY[HEADER]', mail.raw.subarray(0, mail.raw.indexOf('\r\n\r\n') + 4));
    default: {
      const [, start, length] = /^BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?$/i.exec(item) ?? [];
      if (!/^BODY\.PEEK\[\]/i.test(item)) return undefined;
      if (start === undefined) return literal('BODY[]', mail.raw);
      return literal(`BODY[]<${start}>`, mail.raw.subarray(Number(start), Number(start) + Number(length)));
    }
  }
}

function store(rest: string, mails: readonly StoredMail[]): Answer {
  const [, set = '', sign = '', silent = '', flags = ''] = /^(\S+) ([+-]?)FLAGS(\.SILENT)? \(?(.*?)\)?$/i.exec(rest) ?? [];
  if (set === '') return undefined;
  const given = flags.split(' ').filter(Boolean);
  const chosen = [...mails.entries()].filter(([, { uid }]) => inSet(set, uid, highest(mails)));
  for (const [, mail] of chosen) {
    if (sign === '') mail.flags.clear();
    for (const flag of given) {
      if (sign === '-') mail.flags.delete(flag);
      else mail.flags.add(flag);
    }
  }
  return silent ? [] : chosen.map(([index, { uid, flags }]) => `* ${index + 1} FETCH (UID ${uid} FLAGS (${[...flags].join(' ')}))`);
}
