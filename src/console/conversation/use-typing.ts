/** Typing, both ways: nothing of it is kept. */
import { useEffect, useState } from 'react';
import { call } from '../api/client.ts';
import { onNews } from '../api/live.ts';

const shownMs = 5_000;
const toldEveryMs = 3_000;

/** Name of the customer who types in this conversation just now. */
export function useCustomerTyping(conversation: string): string | undefined {
  const [name, setName] = useState<string>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onNews((news) => {
      if (news.kind === 'typing' ? news.conversation !== conversation : news.subject !== conversation) return;
      clearTimeout(timer);
      // What they wrote arrives as news of the conversation: then they have stopped.
      setName(news.kind === 'typing' ? news.name : undefined);
      if (news.kind === 'typing') timer = setTimeout(() => setName(undefined), shownMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
      setName(undefined);
    };
  }, [conversation]);
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
