import { Select } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../app/session.ts';
import { Keycap } from '../parts/Keycap.tsx';
import { keyOf } from '../parts/keys.ts';
import { type DeskField, DeskFieldInput } from './DeskFieldInput.tsx';
import type { PartProps } from './part-props.ts';

/** Fields that the form asks for elsewhere. */
const elsewhere = new Set(['subject', 'description', 'requester', 'status', 'priority', 'group', 'assignee', 'company']);
const rank: Record<DeskField['required'], number> = { always: 0, 'to-resolve': 1, never: 2 };

function useDesk({ part, change }: Pick<PartProps, 'part' | 'change'>) {
  const { mapping, helpdesks } = change.closing.proposal;
  const name = part.append ? part.ticket?.helpdesk : (part.helpdesk ?? mapping.helpdesk);
  return helpdesks.find((one) => one.name === name);
}

export function GroupAndAssignee(props: PartProps) {
  const { part, change, why, wrong } = props;
  const { t } = useTranslation();
  const me = useMe();
  const desk = useDesk(props);
  const group = why('group');
  const assignee = why('assignee');
  const agents = desk?.agents ?? [];
  return (
    <>
      <Select
        label={t('closing.group')}
        data-field="group"
        placeholder={desk?.groups.find(({ value }) => value === group?.value)?.label ?? group?.value ?? t('closing.byHelpdesk')}
        title={group?.reason}
        data={desk?.groups.map((one) => ({ ...one })) ?? []}
        value={part.group}
        onChange={(value) => change.part((old) => ({ ...old, group: value }))}
        searchable
        clearable
        openOnFocus={false}
        error={wrong('group')}
      />
      <Select
        label={t('closing.assignee')}
        data-field="assignee"
        placeholder={agents.find(({ id }) => id === assignee?.value)?.name ?? assignee?.value ?? t('closing.byHelpdesk')}
        title={assignee?.reason}
        data={agents.map(({ id, name }) => ({ value: id, label: name === me.name ? t('conversation.meNamed', { name }) : name }))}
        value={part.assignee}
        onChange={(value) => change.part((old) => ({ ...old, assignee: value }))}
        searchable
        clearable
        openOnFocus={false}
        error={wrong('assignee')}
      />
    </>
  );
}

/** The helpdesk's own fields, in its words, required ones first. */
export function MoreFields(props: PartProps & { shown: boolean; show: (shown: boolean) => void }) {
  const { part, change, wrong, why, shown, show } = props;
  const { t } = useTranslation();
  const desk = useDesk(props);
  const { helpdesks, mapping } = change.closing.proposal;
  const needed = change.closing.missing.filter((one) => one.part === part.key && one.field.startsWith('fields.'));
  const fields = (desk?.fields ?? [])
    .filter(({ name }) => !elsewhere.has(name))
    .filter(({ when }) => !when || when.values.includes(String(part.fields[when.field] ?? why(`field:${when.field}`)?.value ?? '')))
    .toSorted((a, b) => rank[a.required] - rank[b.required]);
  if (fields.length === 0 && helpdesks.length < 2) return null;
  const set = (name: string, value: (typeof part.fields)[string] | undefined): void =>
    change.part((old) => {
      const { [name]: _old, ...rest } = old.fields;
      return { ...old, fields: value === undefined ? rest : { ...rest, [name]: value } };
    });
  return (
    <div className="more-fields">
      <button type="button" className="more-toggle" aria-expanded={shown} aria-keyshortcuts={keyOf('moreFields')} onClick={() => show(!shown)}>
        <IconChevronDown size={14} aria-hidden />
        {t('closing.moreFields')}
        {needed.length > 0 && <span className="tag tag-alarm">{t('closing.fieldsNeeded', { count: needed.length })}</span>}
        <Keycap>{keyOf('moreFields').toUpperCase()}</Keycap>
      </button>
      {shown && (
        <div className="field-grid field-grid-2">
          {helpdesks.length > 1 && !part.append && (
            <Select
              label={t('closing.helpdesk')}
              data={helpdesks.map(({ name, title }) => ({ value: name, label: title }))}
              value={part.helpdesk ?? mapping.helpdesk}
              allowDeselect={false}
              onChange={(helpdesk) => change.part((old) => ({ ...old, helpdesk, group: null, assignee: null, fields: {} }))}
            />
          )}
          {fields.map((field) => (
            <DeskFieldInput
              key={field.name}
              field={field}
              value={part.fields[field.name]}
              set={(value) => set(field.name, value)}
              error={wrong(`fields.${field.name}`)}
              byMapping={why(`field:${field.name}`)}
              stop={needed.some((one) => one.field === `fields.${field.name}`) ? field.name : undefined}
            />
          ))}
        </div>
      )}
    </div>
  );
}
