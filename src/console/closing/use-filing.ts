/** Files the decision that was shown: one attempt, one key, however often it is sent. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type { ClosingView, Preview } from '../../api/contract.ts';
import type { DecisionInput } from '../../closing/decision.ts';
import { ApiError, call } from '../api/client.ts';
import { newId } from '../api/ids.ts';
import { closingQuery } from '../api/queries.ts';
import { rememberFiled } from './recent.ts';

interface Attempt {
  readonly of: string;
  readonly key: string;
}

export function useFiling(conversation: string, on: { before(): Promise<void>; filed(closing: ClosingView): void; planChanged(preview: Preview): void }) {
  const client = useQueryClient();
  const attempt = useRef<Attempt>({ of: '', key: '' });
  return useMutation({
    mutationFn: async ({ decision, digest }: { decision: DecisionInput; digest: string }) => {
      await on.before();
      const of = `${digest} ${JSON.stringify(decision)}`;
      if (attempt.current.of !== of) attempt.current = { of, key: newId() };
      return call<ClosingView>('POST', `/conversations/${conversation}/closings`, {
        body: { decision, digest },
        headers: { 'idempotency-key': attempt.current.key },
      });
    },
    // Silence may hide a success: the same key makes trying again safe.
    retry: (count, error) => count < 2 && error instanceof ApiError && (error.status === 0 || error.status === 502 || error.status === 503),
    retryDelay: 800,
    onSuccess: (closing) => {
      attempt.current = { of: '', key: '' };
      client.setQueryData(closingQuery(closing.id).queryKey, closing);
      rememberFiled({ closing: closing.id, conversation, title: closing.title, until: Date.now() + Math.max(0, closing.notBefore - closing.createdAt) });
      void client.invalidateQueries({ queryKey: ['closings'] });
      void client.invalidateQueries({ queryKey: ['conversations'] });
      void client.invalidateQueries({ queryKey: ['conversation', conversation] });
      on.filed(closing);
    },
    onError: (error) => {
      const preview = error instanceof ApiError && error.status === 409 ? error.problem.preview : undefined;
      if (preview) on.planChanged(preview);
    },
  });
}
