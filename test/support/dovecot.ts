/** A real Dovecot (IMAP and LMTP) in a folder of its own, on ports of its own, that can be killed like a machine that loses power. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createTransport } from 'nodemailer';

const binary = '/usr/sbin/dovecot';

/** For `describe.skipIf(skipWithoutDovecot())`: says why on the console; with REQUIRE_ALL=1 nothing is skipped, so that the suite fails instead. */
export function skipWithoutDovecot(): boolean {
  if (existsSync(binary) || process.env.REQUIRE_ALL) return false;
  console.warn('Skipped: tests that need Dovecot. Install it with: apt-get install -y --no-install-recommends dovecot-imapd dovecot-lmtpd');
  return true;
}

export interface Dovecot {
  readonly host: string;
  readonly imapPort: number;
  readonly lmtpPort: number;
  /** Also the address that mail is delivered to. */
  readonly user: string;
  readonly password: string;
  /** Folder of the user's INBOX in Maildir form. Removing `dovecot-uidlist*` in it while the server is down changes UIDVALIDITY. */
  readonly maildir: string;
  /** Delivers over LMTP; resolves once Dovecot has taken the mail. */
  deliver(raw: string | Uint8Array, options?: { to?: string }): Promise<void>;
  /** kill -9 of the whole process group; resolves once it is gone. */
  kill(): Promise<void>;
  /** Kills what still runs and starts again on the same mails and ports. */
  restart(): Promise<void>;
  /** Kills and removes the folder. */
  stop(): Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });

/** Dovecot refuses mail users with uid 0, so under root the mails belong to `mail`; else everything is the caller's. */
function owner(): { login: string; internal: string; uid: number; gid: number } {
  const me = userInfo();
  if (me.uid !== 0) return { login: me.username, internal: me.username, uid: me.uid, gid: me.gid };
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'mail'], { encoding: 'utf8' }));
  return { login: 'dovenull', internal: 'dovecot', uid: id('-u'), gid: id('-g') };
}

interface Place {
  readonly folder: string;
  readonly imapPort: number;
  readonly lmtpPort: number;
  readonly user: string;
  readonly password: string;
}

function configuration(place: Place): string {
  const { login, internal, uid, gid } = owner();
  const listener = (name: string, port: number): string => `inet_listener ${name} {\n address = 127.0.0.1\n port = ${port}\n}`;
  return `base_dir = ${place.folder}/run
state_dir = ${place.folder}/state
log_path = ${place.folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_login_user = ${login}
default_internal_user = ${internal}
first_valid_uid = 1
mail_location = maildir:${place.folder}/mail/%u
mail_uid = ${uid}
mail_gid = ${gid}
mail_fsync = always
recipient_delimiter = +
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u ${place.folder}/users
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${place.folder}/mail/%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
  mailbox Done {
    auto = create
  }
}
service imap-login {
  chroot =
  ${listener('imap', place.imapPort)}
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  ${listener('lmtp', place.lmtpPort)}
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
protocol lmtp {
  auth_username_format = %u
  lmtp_save_to_detail_mailbox = no
}
`;
}

/** Writes the folder; the run directory is made anew at each start, because a killed server leaves its sockets behind. */
function prepare(place: Place): void {
  const { uid, gid } = owner();
  chmodSync(place.folder, 0o755);
  mkdirSync(join(place.folder, 'mail'), { recursive: true });
  chownSync(join(place.folder, 'mail'), uid, gid);
  writeFileSync(join(place.folder, 'users'), `${place.user}:{PLAIN}${place.password}\n`, { mode: 0o644 });
  writeFileSync(join(place.folder, 'dovecot.conf'), configuration(place));
}

/** Where the system has `setpriv`, the server also dies with a parent that was itself killed. */
function launch(folder: string): ChildProcess {
  const command = [binary, '-F', '-c', join(folder, 'dovecot.conf')];
  const bound = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', ...command] : command;
  const [file = binary, ...args] = bound;
  return spawn(file, args, { detached: true, stdio: ['ignore', 'ignore', 'inherit'] });
}

const killGroup = (child: ChildProcess | undefined): void => {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
};

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Dovecot: ${what} took more than 10 s`);
    await delay(10);
  }
}

/** Starts a private Dovecot with one user; resolves once IMAP and LMTP answer. */
export async function startDovecot(options: { user?: string; password?: string } = {}): Promise<Dovecot> {
  const place: Place = {
    folder: mkdtempSync(join(tmpdir(), 'deskbridge-dovecot-')),
    imapPort: await freePort(),
    lmtpPort: await freePort(),
    user: options.user ?? 'suporte@academia.example',
    password: options.password ?? 'correct horse',
  };
  prepare(place);
  let child: ChildProcess | undefined;
  const atExit = (): void => {
    killGroup(child);
    rmSync(place.folder, { recursive: true, force: true });
  };
  process.once('exit', atExit);

  const kill = async (): Promise<void> => {
    const dying = child;
    child = undefined;
    killGroup(dying);
    if (dying && dying.exitCode === null && dying.signalCode === null) await once(dying, 'exit');
    // The group's other processes die by themselves a moment later; a port that still answers belongs to one of them.
    await until('dying', async () => !(await accepts(place.imapPort)) && !(await accepts(place.lmtpPort)));
  };
  const restart = async (): Promise<void> => {
    await kill();
    rmSync(join(place.folder, 'run'), { recursive: true, force: true });
    child = launch(place.folder);
    await until('starting', async () => (await accepts(place.imapPort)) && (await accepts(place.lmtpPort)));
  };
  await restart();
  return {
    host: '127.0.0.1',
    ...place,
    maildir: join(place.folder, 'mail', place.user),
    async deliver(raw, { to = place.user } = {}) {
      const lmtp = createTransport({ host: '127.0.0.1', port: place.lmtpPort, lmtp: true, ignoreTLS: true });
      await lmtp.sendMail({ envelope: { from: 'sender@example.org', to }, raw: Buffer.from(raw) });
    },
    kill,
    restart,
    async stop() {
      await kill();
      process.off('exit', atExit);
      rmSync(place.folder, { recursive: true, force: true });
    },
  };
}
