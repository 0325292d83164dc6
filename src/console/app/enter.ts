/** Signs in and forgets whatever an earlier session had read. */
import { call } from '../api/client.ts';
import { restartLive } from '../api/live.ts';
import { client } from './client.ts';

export async function enter(body: { email: string; password: string }): Promise<void> {
  await call('POST', '/auth/sign-in/email', { body });
  client.clear();
  restartLive();
}

export async function leave(): Promise<void> {
  await call('POST', '/auth/sign-out', { body: {} });
  sessionStorage.clear();
  client.clear();
}
