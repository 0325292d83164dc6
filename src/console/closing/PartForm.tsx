import { Button, SegmentedControl } from '@mantine/core';
import { IconArrowRight, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { After } from './After.tsx';
import { Candidates } from './Candidates.tsx';
import { removePart } from './draft.ts';
import { GroupAndAssignee, MoreFields } from './MoreFields.tsx';
import { Outcome } from './Outcome.tsx';
import type { PartProps } from './part-props.ts';
import { RadioRow } from './RadioRow.tsx';
import { Subject } from './Subject.tsx';
import { Summary } from './Summary.tsx';
import { Who } from './Who.tsx';

type FormProps = PartProps & { more: boolean; showMore: (shown: boolean) => void };

function NewTicket(props: FormProps) {
  const { part, change, wrong, accept, why } = props;
  const { t } = useTranslation();
  const { impacts } = change.closing.proposal.mapping;
  return (
    <>
      <Who {...props} />
      <Outcome {...props} />
      <Subject {...props} />
      <Summary {...props} />
      {impacts.length > 0 && (
        <RadioRow
          legend={t('closing.impact')}
          name="impact"
          stop="impact"
          choices={impacts.map(({ id, label }) => ({ value: id, label, hint: id === part.impact ? why('priority')?.reason : undefined }))}
          value={part.impact}
          pick={(impact) => change.part((old) => ({ ...old, impact }))}
          accept={accept}
          error={wrong('impact') ?? wrong('priority')}
        />
      )}
      <div className="field-grid field-grid-2">
        <GroupAndAssignee {...props} />
      </div>
      <MoreFields {...props} shown={props.more} show={props.showMore} />
    </>
  );
}

function AddToExisting(props: FormProps) {
  return (
    <>
      <Candidates {...props} />
      <After {...props} />
      <Summary {...props} />
      <MoreFields {...props} shown={props.more} show={props.showMore} />
    </>
  );
}

/** One part: a new ticket, or an addition to one that exists. In a split each part says which. */
export function PartForm(props: FormProps) {
  const { part, change } = props;
  const { closing } = change;
  const { t } = useTranslation();
  const split = closing.draft.way === 'split';
  const at = closing.parts.findIndex(({ key }) => key === part.key);
  const next = split ? closing.parts[at + 1] : undefined;
  return (
    <>
      {split && (
        <div className="part-kind">
          <SegmentedControl
            size="xs"
            aria-label={t('closing.partKind')}
            value={part.append ? 'append' : 'new'}
            onChange={(kind) => change.part((old) => ({ ...old, append: kind === 'append' }))}
            data={[
              { value: 'new', label: t('closing.way.new') },
              { value: 'append', label: t('closing.way.append') },
            ]}
          />
          {closing.draft.parts.length > 1 && (
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              leftSection={<IconTrash size={13} />}
              onClick={() => closing.change((draft) => removePart(draft, part.key))}
            >
              {t('closing.removeTopic')}
            </Button>
          )}
        </div>
      )}
      {part.append ? <AddToExisting {...props} /> : <NewTicket {...props} />}
      {next && (
        <Button
          variant="default"
          className="next-part"
          data-stop="next-part"
          rightSection={<IconArrowRight size={14} />}
          onClick={() => {
            closing.show(next.key);
          }}
        >
          {t('closing.nextTopic', { title: next.title || t('closing.untitled') })}
        </Button>
      )}
    </>
  );
}
