/** One run of the child as the parent sees it: started, watched, asked, and ended with all that belongs to it. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ConnectorError } from '../../src/kit/index.ts';
import { killGroup } from './profile.ts';
import type { Answers, Call, FromChild, Refusal, StartOptions, ToChild } from './protocol.ts';

export interface Run {
  readonly pid: number;
  post(message: ToChild): void;
  /** Throws ConnectorError. When no answer comes in time, or the child dies first, a send is unclear. */
  ask<C extends Call>(call: C, timeoutMs: number): Promise<Answers[C['what']]>;
  /** Asks it to end, and kills the group when it does not; resolves once nothing of it is left. */
  end(graceMs: number): Promise<void>;
  /** Resolves with the reason once the child is gone by itself. */
  readonly over: Promise<string>;
}

const program = fileURLToPath(new URL('./child.ts', import.meta.url));

/** What a browser needs to run, and nothing of our settings or secrets. */
const passedOn = /^(?:PATH|LANG|LC_\w+|TZ|TMPDIR|DISPLAY|WAYLAND_DISPLAY|XDG_RUNTIME_DIR|DBUS_\w+|FONTCONFIG_\w+|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i;
const environment = (home: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name))),
  HOME: home,
});

const unclearIfSending = (call: Call, message: string): ConnectorError =>
  new ConnectorError('unavailable', message, { retry: 'backoff', effect: call.what === 'send' ? 'unclear' : 'none' });

const errorOf = ({ code, message, effect, again }: Refusal): ConnectorError =>
  new ConnectorError(code, message, { retry: again ? 'backoff' : 'never', effect });

interface Question {
  answered(answer: never): void;
  failed(error: ConnectorError): void;
  readonly call: Call;
}

/** `hear` gets all but answers, in order. */
export function startRun(options: StartOptions, hear: (message: FromChild) => void): Run {
  const child = fork(program, [], {
    detached: true,
    execArgv: [],
    env: environment(options.folder),
    cwd: options.folder,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const pid = child.pid;
  const open = new Map<number, Question>();
  let asked = 0;
  let lastWords = '';
  let said: string | undefined;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-500);
  });
  const over = new Promise<string>((resolve) => {
    const gone = (how: string): void => {
      for (const { failed, call } of open.values()) failed(unclearIfSending(call, 'The WhatsApp Web process ended before it answered'));
      open.clear();
      resolve(said ?? (lastWords.trim() || how));
    };
    child.once('error', (error) => gone(error.message));
    child.once('exit', (code, signal) => gone(`the process ended (${signal ?? code})`));
  });
  child.on('message', (message: FromChild) => {
    if (message.type === 'answer' || message.type === 'refusal') {
      const question = open.get(message.request);
      open.delete(message.request);
      if (message.type === 'answer') question?.answered(message.answer as never);
      else question?.failed(errorOf(message.refusal));
      return;
    }
    if (message.type === 'ended') said = message.reason;
    hear(message);
  });
  const post = (message: ToChild): void => void (child.connected && child.send(message, () => {}));
  post({ type: 'start', options });

  return {
    pid: pid ?? 0,
    over,
    post,
    ask: (call, timeoutMs) =>
      new Promise((resolve, reject) => {
        if (!child.connected) return reject(new ConnectorError('unavailable', 'The WhatsApp Web process is not running', { retry: 'backoff' }));
        asked += 1;
        const request = asked;
        const timer = setTimeout(() => {
          open.delete(request);
          reject(unclearIfSending(call, `WhatsApp Web did not answer within ${timeoutMs / 1000} s`));
        }, timeoutMs);
        open.set(request, {
          call,
          answered: (answer) => [clearTimeout(timer), resolve(answer)],
          failed: (error) => [clearTimeout(timer), reject(error)],
        });
        post({ type: 'request', request, call });
      }),
    async end(graceMs) {
      post({ type: 'shutdown' });
      const timer = Promise.withResolvers<void>();
      const clock = setTimeout(timer.resolve, graceMs);
      if (graceMs > 0) await Promise.race([over, timer.promise]);
      clearTimeout(clock);
      if (pid !== undefined) await killGroup(pid);
      child.removeAllListeners('message');
      if (child.connected) child.disconnect();
    },
  };
}
