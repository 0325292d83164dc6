import { Button, Textarea, Tooltip } from '@mantine/core';
import { IconLock, IconMessage, IconPaperclip } from '@tabler/icons-react';
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import type { ConversationDetail } from '../../api/contract.ts';
import { newId } from '../api/ids.ts';
import { Keycap } from '../parts/Keycap.tsx';
import { keyOf } from '../parts/keys.ts';
import { AttachmentChips } from './AttachmentChips.tsx';
import { send } from './outbox.ts';
import { completeTemplate, nothingFilled, TemplateForm } from './TemplateForm.tsx';
import { useAttachments } from './use-attachments.ts';
import { useReplyWindow } from './use-reply-window.ts';
import { tellTyping } from './use-typing.ts';

type Kind = 'public' | 'internal';
export interface ComposerHandle {
  start(kind: Kind): void;
}

const kinds: readonly Kind[] = ['public', 'internal'];
const draftKey = (conversation: string): string => `deskbridge-reply-${conversation}`;
interface Typed {
  readonly kind: Kind;
  readonly text: string;
}

/** What was typed belongs to its kind: a note that was begun comes back as a note. */
function typedBefore(conversation: string, canReply: boolean): Typed {
  try {
    const stored = JSON.parse(sessionStorage.getItem(draftKey(conversation)) ?? 'null') as Typed | null;
    if (stored) return canReply ? stored : { ...stored, kind: 'internal' };
  } catch {
    // An unreadable draft is no draft.
  }
  return { kind: canReply ? 'public' : 'internal', text: '' };
}

export function Composer({ conversation, folded, ref }: { conversation: ConversationDetail; folded: boolean; ref: Ref<ComposerHandle> }) {
  const { t } = useTranslation();
  const { id, canReply, contact } = conversation;
  const [chosen, setTyped] = useState(() => typedBefore(id, canReply));
  // The conversation may end while it is open: what is written from then on is a note.
  const typed: Typed = canReply ? chosen : { ...chosen, kind: 'internal' };
  const [over, setOver] = useState(false);
  const attachments = useAttachments();
  const box = useRef<HTMLTextAreaElement>(null);
  const templates = useRef<HTMLFormElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const internal = typed.kind === 'internal';
  const name = contact.name || t('contact.unnamed');
  useEffect(() => {
    if (chosen.text) sessionStorage.setItem(draftKey(id), JSON.stringify(chosen));
    else sessionStorage.removeItem(draftKey(id));
  }, [id, chosen]);
  useImperativeHandle(ref, () => ({
    start: (kind) => {
      // At once: whoever types fast has written the next letter before the next frame.
      if (kind === 'internal' || canReply) flushSync(() => setTyped((old) => ({ ...old, kind })));
      (box.current ?? templates.current?.querySelector('select'))?.focus();
    },
  }));
  const window = useReplyWindow(conversation);
  const [filled, fill] = useState(nothingFilled);
  const template = window.closed && !internal ? completeTemplate(window.templates, filled) : undefined;
  const written = window.closed && !internal ? template !== undefined : typed.text.trim() !== '' || attachments.list.length > 0;
  const sendable = written && attachments.ready && (internal || canReply);
  const go = (): void => {
    if (!sendable) return;
    if (template) {
      const { text, ...use } = template;
      send(id, { id: newId(), kind: 'public', text, files: [], template: use });
      fill(nothingFilled);
      return;
    }
    send(id, { id: newId(), kind: typed.kind, text: typed.text.trim(), files: [...attachments.uploaded] });
    setTyped((old) => ({ ...old, text: '' }));
    attachments.clear();
    box.current?.focus();
  };
  if (folded) return null;
  return (
    <section
      className="composer"
      data-kind={typed.kind}
      data-over={over || undefined}
      aria-label={t(internal ? 'composer.noteLabel' : 'composer.replyLabel', { name })}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        attachments.add(event.dataTransfer.files);
      }}
    >
      <fieldset className="composer-kinds" aria-label={t('composer.kind')}>
        {kinds.map((kind) => (
          <label key={kind} data-kind={kind}>
            <input
              type="radio"
              name="composer-kind"
              checked={typed.kind === kind}
              disabled={kind === 'public' && !canReply}
              onChange={() => setTyped((old) => ({ ...old, kind }))}
            />
            {kind === 'public' ? <IconMessage size={14} aria-hidden /> : <IconLock size={14} aria-hidden />}
            {t(kind === 'public' ? 'composer.reply' : 'composer.note', { name })}
            <Keycap>{keyOf(kind === 'public' ? 'reply' : 'note').toUpperCase()}</Keycap>
          </label>
        ))}
        <span className="composer-who">{t(internal ? 'composer.noteSeen' : 'composer.replySeen', { name })}</span>
      </fieldset>
      {window.closed && !internal ? (
        <form
          ref={templates}
          className="composer-template"
          onSubmit={(event) => {
            event.preventDefault();
            go();
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) go();
          }}
        >
          <TemplateForm templates={window.templates} filled={filled} change={fill} />
          <button type="submit" hidden />
        </form>
      ) : (
        <Textarea
          ref={box}
          variant="unstyled"
          size="sm"
          autosize
          minRows={2}
          maxRows={12}
          aria-label={t(internal ? 'composer.noteLabel' : 'composer.replyLabel', { name })}
          placeholder={t(internal ? 'composer.notePlaceholder' : 'composer.replyPlaceholder')}
          value={typed.text}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setTyped((old) => ({ ...old, text: value }));
            if (!internal && value.trim()) tellTyping(id);
          }}
          onPaste={(event) => {
            if (event.clipboardData.files.length) attachments.add(event.clipboardData.files);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) {
              event.preventDefault();
              go();
            }
            if (event.key === 'Escape') box.current?.blur();
          }}
        />
      )}
      <AttachmentChips attachments={attachments} />
      <div className="composer-foot">
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            attachments.add(event.currentTarget.files ?? []);
            event.currentTarget.value = '';
          }}
        />
        {!(window.closed && !internal) && (
          <Button variant="subtle" color="gray" leftSection={<IconPaperclip size={15} />} onClick={() => picker.current?.click()}>
            {t('composer.attach')}
          </Button>
        )}
        <span className="composer-hint">{canReply ? !internal && window.words : t('composer.cannotReply')}</span>
        <Tooltip label={t(internal ? 'composer.noteSeen' : 'composer.replySeen', { name })}>
          <Button
            color={internal ? 'yellow.4' : 'ink'}
            autoContrast
            aria-disabled={!sendable}
            {...(sendable ? {} : { 'data-disabled': true })}
            onClick={go}
            rightSection={<Keycap>Ctrl ⏎</Keycap>}
          >
            {t(internal ? 'composer.addNote' : 'composer.send')}
          </Button>
        </Tooltip>
      </div>
    </section>
  );
}
