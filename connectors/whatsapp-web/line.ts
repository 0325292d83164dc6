/** The way to the running child: held by the session, used by whoever sends, fetches or asks how it is doing. */
import { ConnectorError, type SessionState } from '../../src/kit/index.ts';
import type { Account, Answers, Call } from './protocol.ts';

type Ask = <C extends Call>(call: C, timeoutMs: number) => Promise<Answers[C['what']]>;

export interface Line {
  /** Grows with each run: what one browser holds, another may not. */
  readonly run: number;
  readonly account: Account | undefined;
  readonly state: SessionState | undefined;
  become(state: SessionState): void;
  connect(account: Account, ask: Ask): void;
  disconnect(): void;
  /** Throws ConnectorError as `ask` does; `unavailable`, or `unauthorized` while the number is not linked, when nobody is there to ask. */
  ask: Ask;
}

export function createLine(): Line {
  let run = 0;
  let state: SessionState | undefined;
  let open: { account: Account; ask: Ask } | undefined;

  function refusal(): ConnectorError {
    if (state?.state === 'unpaired')
      return new ConnectorError('unauthorized', 'The number is not linked: scan the QR code of this channel with WhatsApp on the phone', {
        retry: { afterMs: 60_000 },
      });
    const why = state?.detail ? `: ${state.detail}` : '';
    return new ConnectorError('unavailable', `WhatsApp Web is not connected${why}`, { retry: 'backoff' });
  }

  return {
    get run() {
      return run;
    },
    get account() {
      return open?.account;
    },
    get state() {
      return state;
    },
    become(now) {
      state = now;
    },
    connect(account, ask) {
      run += 1;
      open = { account, ask };
    },
    disconnect() {
      open = undefined;
    },
    async ask(call, timeoutMs) {
      if (!open) throw refusal();
      return open.ask(call, timeoutMs);
    },
  };
}
