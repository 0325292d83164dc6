import { Button, Modal, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Keycap } from '../parts/Keycap.tsx';
import { type Action, changeKeys, keyGroups, keyOf, useKeySettings } from '../parts/keys.ts';

type Group = keyof typeof keyGroups;

/** Keys that stand for themselves and cannot be changed. */
const fixed: readonly (readonly [keys: string, text: string])[] = [
  ['Ctrl Enter', 'keys.fixed.file'],
  ['Enter', 'keys.fixed.accept'],
  ['1–9', 'keys.fixed.digits'],
  ['J K ↑ ↓', 'keys.fixed.walk'],
  ['Space', 'keys.fixed.tick'],
  ['0', 'keys.fixed.skip'],
  ['Esc', 'keys.fixed.close'],
];

export function KeysDialog({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const { on, own } = useKeySettings();
  const [changing, change] = useState<Action>();
  const [refused, refuse] = useState('');

  const wrongWith = (group: Group, action: Action, key: string): string => {
    if (!/^[a-z/?]$/.test(key)) return t('keys.lettersOnly');
    const rivals = group === 'everywhere' ? Object.values(keyGroups).flat() : [...keyGroups.everywhere, ...keyGroups[group]];
    return rivals.some((other) => other !== action && keyOf(other) === key) ? t('keys.taken', { key: key.toUpperCase() }) : '';
  };
  const take = (group: Group, action: Action, key: string): void => {
    const wrong = key === 'escape' ? '' : wrongWith(group, action, key);
    refuse(wrong);
    if (wrong) return;
    if (key !== 'escape') changeKeys({ own: { ...own, [action]: key } });
    change(undefined);
  };
  return (
    <Modal opened={opened} onClose={close} title={t('keys.title')} size="lg" closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className="keys-dialog" data-keys-blocked>
        <Switch size="xs" checked={on} onChange={(event) => changeKeys({ on: event.currentTarget.checked })} label={t('keys.on')} />
        <p className="form-error" role="alert">
          {refused}
        </p>
        {(Object.keys(keyGroups) as Group[]).map((group) => (
          <section key={group}>
            <h3>{t(`keys.group.${group}`)}</h3>
            <ul>
              {keyGroups[group].map((action) => (
                <li key={action}>
                  <span>{t(`keys.action.${action}`)}</span>
                  <button
                    type="button"
                    className="key-change"
                    aria-label={t('keys.change', { action: t(`keys.action.${action}`), key: keyOf(action).toUpperCase() })}
                    onClick={() => change(action)}
                    onBlur={() => change(undefined)}
                    onKeyDown={(event) => {
                      if (changing !== action || ['Tab', 'Shift'].includes(event.key)) return;
                      event.preventDefault();
                      event.stopPropagation();
                      take(group, action, event.key.toLowerCase());
                    }}
                  >
                    {changing === action ? t('keys.press') : <Keycap>{keyOf(action).toUpperCase()}</Keycap>}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
        <section>
          <h3>{t('keys.group.fixed')}</h3>
          <ul>
            {fixed.map(([keys, text]) => (
              <li key={text}>
                <span>{t(text)}</span>
                <span>
                  {keys.split(' ').map((key) => (
                    <Keycap key={key}>{key}</Keycap>
                  ))}
                </span>
              </li>
            ))}
          </ul>
        </section>
        <Button variant="default" onClick={() => changeKeys({ own: {} })}>
          {t('keys.reset')}
        </Button>
      </div>
    </Modal>
  );
}
