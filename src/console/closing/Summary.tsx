import { Textarea } from '@mantine/core';
import { type KeyboardEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { afterDrawing } from './focus.ts';
import type { PartProps } from './part-props.ts';

/** Where an answer is still missing: the end of the first line that stops at its colon. */
function openLine(text: string, from: number): number | undefined {
  let at = 0;
  for (const line of text.split('\n')) {
    const end = at + line.length;
    if (end > from && /:\s*$/.test(line)) return end;
    at = end + 1;
  }
  return undefined;
}

/** Three lines with their beginnings written. Enter goes to the next open line, after the last one to the next field; Shift+Enter breaks a line. */
export function Summary({ part, change, wrong, accept }: PartProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLTextAreaElement>(null);
  const { required, min } = change.closing.proposal.mapping.summary;
  const place = (at: number): void => {
    box.current?.setSelectionRange(at, at);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    const next = openLine(part.summary, event.currentTarget.selectionEnd);
    if (next === undefined) accept();
    else place(next);
  };
  return (
    <div className="field">
      <Textarea
        ref={box}
        label={t('closing.summary')}
        autosize
        minRows={3}
        maxRows={10}
        data-stop="summary"
        data-field="summary"
        value={part.summary}
        required={required}
        withAsterisk={false}
        error={wrong('summary')}
        description={required && !wrong('summary') ? t('closing.summaryHint', { min }) : undefined}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        onFocus={() => afterDrawing(() => place(openLine(part.summary, -1) ?? part.summary.length))}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          const { value } = event.currentTarget;
          change.part((old) => ({ ...old, summary: value }));
        }}
      />
    </div>
  );
}
