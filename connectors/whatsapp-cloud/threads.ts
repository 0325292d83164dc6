/** The key of a customer's thread: the number they write to and their lasting name. WhatsApp itself knows no conversations. */
import type { WhatsappSettings } from './settings.ts';

export const threadOf = ({ phoneNumberId }: Pick<WhatsappSettings, 'phoneNumberId'>, key: string): string => `${phoneNumberId}:${key}`;

export const keyOfThread = (thread: string): string => thread.slice(thread.indexOf(':') + 1);
