/** How long free text can still be sent, where the channel limits it. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChannelView, ConversationDetail } from '../../api/contract.ts';
import { channelsQuery } from '../api/queries.ts';
import { durationOf, timeOf } from '../parts/format.ts';

export interface ReplyWindow {
  /** Templates only. */
  readonly closed: boolean;
  readonly templates: ChannelView['templates'];
  /** What the agent should know of it; empty where there is nothing to know. */
  readonly words: string;
}

const tickMs = 15_000;

export function useReplyWindow({ channel: name, replyUntil: until }: Pick<ConversationDetail, 'channel' | 'replyUntil'>): ReplyWindow {
  const { t } = useTranslation();
  const { data } = useQuery(channelsQuery);
  const channel = data?.items.find((one) => one.name === name);
  const limited = channel !== undefined && channel.replyWindowHours !== null;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!limited) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, [limited]);
  const templates = channel?.templates ?? [];
  if (!limited) return { closed: false, templates, words: '' };
  if (until === null) return { closed: channel.needsTemplate, templates, words: channel.needsTemplate ? t('composer.notYetWritten') : '' };
  if (now >= until) return { closed: true, templates, words: t('composer.templatesOnly') };
  return { closed: false, templates, words: t('composer.until', { time: timeOf(until), left: durationOf(until - now) }) };
}
