import { type KeyboardEvent, type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Keycap } from '../parts/Keycap.tsx';

export interface RadioChoice {
  readonly value: string;
  readonly label: ReactNode;
  readonly hint?: string | undefined;
}

/** Facts to choose from. A digit picks and goes on; arrows pick; Enter goes on. Nothing is chosen unless `value` says so. */
export function RadioRow(props: {
  legend: string;
  name: string;
  choices: readonly RadioChoice[];
  value: string | null;
  pick: (value: string) => void;
  accept: () => void;
  error?: string | undefined;
  stop?: string | undefined;
  digits?: boolean;
  children?: ReactNode;
}) {
  const { legend, name, choices, value, pick, accept, error, stop, digits = true, children } = props;
  const { t } = useTranslation();
  const id = useId();
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLInputElement) || event.target.type !== 'radio') return;
    const choice = digits && /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
    if (choice) {
      event.preventDefault();
      pick(choice.value);
      accept();
    }
  };
  return (
    <fieldset
      className="field radio-row"
      data-stop={stop}
      data-field={name}
      data-error={error ? true : undefined}
      onKeyDown={onKeyDown}
      aria-describedby={error ? id : undefined}
    >
      <legend>{legend}</legend>
      {error && (
        <p className="field-error" id={id}>
          {error}
        </p>
      )}
      <div className="radio-choices">
        {choices.map((choice, index) => (
          <label key={choice.value} className="radio" title={choice.hint}>
            <input type="radio" name={name} value={choice.value} checked={value === choice.value} onChange={() => pick(choice.value)} />
            {digits && index < 9 && <Keycap>{String(index + 1)}</Keycap>}
            <span>{choice.label}</span>
          </label>
        ))}
        {choices.length === 0 && <span className="field-none">{t('closing.noChoices')}</span>}
        {children}
      </div>
    </fieldset>
  );
}
