/** Typing, both ways: nothing of it is kept. */
import { useEffect, useState } from 'react';
import { call } from '../api/client.ts';
import { onNews } from '../api/live.ts';

const shownMs = 5_000;
const toldEveryMs = 3_000;

/**
 * Name of the customer who types in this conversation just now. `written` is their last message: once there is another one, they have stopped. Other news of
 * the conversation say nothing of that: a receipt that comes a moment after the first keystroke would hide it for good.
 */
export function useCustomerTyping(conversation: string, written: string | undefined): string | undefined {
  const [name, setName] = useState<string>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onNews((news) => {
      if (news.kind !== 'typing' || news.conversation !== conversation) return;
      clearTimeout(timer);
      setName(news.name);
      timer = setTimeout(() => setName(undefined), shownMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
      setName(undefined);
    };
  }, [conversation]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message is the reason to forget, its id is not used.
  useEffect(() => setName(undefined), [written]);
  return name;
}

let told = { conversation: '', at: Number.NEGATIVE_INFINITY };

/** Tells the server now and then that the customer will get an answer. */
export function tellTyping(conversation: string): void {
  const now = performance.now();
  if (told.conversation === conversation && now - told.at < toldEveryMs) return;
  told = { conversation, at: now };
  void call('POST', `/conversations/${conversation}/typing`, { body: {} }).catch(() => undefined);
}
