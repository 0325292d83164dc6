import { IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { mostTopics } from './draft.ts';
import type { Closing } from './use-closing.ts';

export function PartTabs({ closing, add }: { closing: Closing; add: () => void }) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const { parts, active, missing, preview } = closing;
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const next = parts[(parts.indexOf(active) + by + parts.length) % parts.length];
    if (next) closing.show(next.key);
  };
  return (
    <div className="part-tabs">
      <div ref={list} role="tablist" aria-label={t('closing.topics')} onKeyDown={onKeyDown} className="part-tablist">
        {parts.map((part, index) => {
          const here = part.key === active.key;
          const open = missing.filter((one) => one.part === part.key).length;
          return (
            <button
              key={part.key}
              type="button"
              role="tab"
              id={`part-tab-${part.key}`}
              aria-controls={here ? 'part-panel' : undefined}
              aria-selected={here}
              tabIndex={here ? 0 : -1}
              className="part-tab"
              data-topic={(index % 8) + 1}
              onClick={() => closing.show(part.key)}
            >
              <span className="topic-dot" aria-hidden>
                {index + 1}
              </span>
              <span className="part-title">{part.ticket && part.append ? `#${part.ticket.number}` : part.title || t('closing.untitled')}</span>
              <span className="part-count">{part.messages.length}</span>
              {preview.current && open > 0 && (
                <span className="part-open">
                  <span className="visually-hidden">{t('closing.fieldsNeeded', { count: open })}</span>
                </span>
              )}
            </button>
          );
        })}
      </div>
      {parts.length < mostTopics && (
        <button type="button" className="part-tab part-add" onClick={add} aria-label={t('closing.addTopic')}>
          <IconPlus size={14} aria-hidden />
        </button>
      )}
    </div>
  );
}
