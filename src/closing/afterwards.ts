/** What happens without anybody asking, once conversations have ended: tickets are told to their channel, and chats without one are not forgotten. */
import { startLooks } from '../observe/looks.ts';
import { type TellingParts, tellFiled } from './telling.ts';
import { lookAtUnfiled, type UnfiledParts } from './unfiled.ts';

const everyMs = 2_000;

export function startAfterwards(parts: TellingParts & UnfiledParts): { stop(): Promise<void> } {
  const telling = startLooks('telling a channel its tickets', () => tellFiled(parts), parts.log, everyMs);
  const unfiled = startLooks('the look for conversations without a ticket', () => lookAtUnfiled(parts), parts.log, everyMs);
  return {
    async stop() {
      await Promise.all([telling.stop(), unfiled.stop()]);
    },
  };
}
