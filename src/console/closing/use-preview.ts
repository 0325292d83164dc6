/** What will happen, asked anew a moment after each change; the latest question wins. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Preview } from '../../api/contract.ts';
import type { DecisionInput } from '../../closing/decision.ts';
import { call } from '../api/client.ts';

const waitMs = 150;

export interface PreviewState {
  readonly preview: Preview | undefined;
  /** The preview is that of the decision as it stands. */
  readonly current: boolean;
  readonly error: Error | undefined;
  /** Takes the plan that a refusal brought. */
  replace(preview: Preview): void;
  again(): void;
}

export function usePreview(conversation: string, decision: DecisionInput | undefined): PreviewState {
  const wanted = decision ? JSON.stringify(decision) : '';
  const [answer, setAnswer] = useState<{ of: string; preview: Preview }>();
  const [error, setError] = useState<{ of: string; error: Error }>();
  const [round, setRound] = useState(0);
  const latest = useRef(wanted);
  latest.current = wanted;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks once more for the same decision.
  useEffect(() => {
    if (!wanted) return;
    const asking = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const preview = await call<Preview>('POST', `/conversations/${conversation}/closings/preview`, {
          body: { decision: JSON.parse(wanted) },
          signal: asking.signal,
        });
        if (latest.current !== wanted) return;
        setAnswer({ of: wanted, preview });
        setError(undefined);
      } catch (problem) {
        if (!asking.signal.aborted) setError({ of: wanted, error: problem as Error });
      }
    }, waitMs);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [conversation, wanted, round]);

  const replace = useCallback((preview: Preview) => setAnswer({ of: latest.current, preview }), []);
  const again = useCallback(() => setRound((value) => value + 1), []);
  return {
    preview: wanted ? answer?.preview : undefined,
    current: wanted !== '' && answer?.of === wanted,
    error: error?.of === wanted ? error.error : undefined,
    replace,
    again,
  };
}
