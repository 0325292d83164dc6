/** Who types just now, both ways. Nothing of it is kept. */

/** The server tells about every 3 s while an agent types. */
const shownMs = 5_000;
const toldEveryMs = 3_000;

export interface AgentTyping {
  heard(agent: string): void;
  /** Their message is there. */
  over(): void;
}

/** `show` is called with the agent's name when somebody begins, and with undefined when they stopped; not in between. */
export function createAgentTyping(show: (agent: string | undefined) => void): AgentTyping {
  let current: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const become = (agent: string | undefined): void => {
    if (agent === current) return;
    current = agent;
    show(agent);
  };
  return {
    heard(agent) {
      clearTimeout(timer);
      timer = setTimeout(() => become(undefined), shownMs);
      become(agent);
    },
    over() {
      clearTimeout(timer);
      become(undefined);
    },
  };
}

export interface OwnTyping {
  keystroke(): void;
  /** The message is out: the next keystroke begins another one. */
  sent(): void;
}

/** Passes on the first of many keystrokes, and another one every 3 s. */
export function createOwnTyping(tell: () => void, now: () => number): OwnTyping {
  let last = Number.NEGATIVE_INFINITY;
  return {
    keystroke() {
      if (now() - last < toldEveryMs) return;
      last = now();
      tell();
    },
    sent() {
      last = Number.NEGATIVE_INFINITY;
    },
  };
}
