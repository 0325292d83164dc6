/** What went wrong, in the agent's language where we have words for it, else as the server said it. */
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { ApiError } from '../api/client.ts';

export function problemText(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const key = `problem.${error.key}`;
  const words = i18next.exists(key) ? i18next.t(key) : '';
  const detail = error.status === 0 || error.status >= 500 ? '' : (error.problem.detail ?? '');
  return words || detail || error.message;
}

export function tellProblem(error: unknown): void {
  notifications.show({ message: problemText(error), color: 'red', role: 'alert' });
}
