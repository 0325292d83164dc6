import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/client.ts';

/** Refusals are answers: only silence and errors of the server are worth another try. */
const worthAnother = (count: number, error: Error): boolean => count < 3 && !(error instanceof ApiError && error.status >= 400 && error.status < 500);

export const client = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, retry: worthAnother, refetchOnWindowFocus: true },
    // Without a network a decision is refused in words; waiting in silence, it would be filed whenever the network comes back, unseen.
    mutations: { networkMode: 'always' },
  },
});
