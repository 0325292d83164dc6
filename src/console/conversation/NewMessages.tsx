import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageView } from '../../api/contract.ts';

/** Tells screen readers what arrives while the conversation is open; the first reading is no news. */
export function NewMessages({ messages }: { messages: readonly MessageView[] }) {
  const { t } = useTranslation();
  const last = messages.at(-1);
  const known = useRef(last?.id);
  const [news, setNews] = useState('');
  useEffect(() => {
    if (!last || last.id === known.current) return;
    known.current = last.id;
    if (last.direction === 'in') setNews(t('conversation.newFrom', { name: last.author.name, text: last.text.slice(0, 200) }));
  }, [last, t]);
  return (
    <div className="visually-hidden" aria-live="polite">
      {news}
    </div>
  );
}
