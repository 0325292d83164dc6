import { useTranslation } from 'react-i18next';
import { companiesQuery, contactsQuery } from '../api/queries.ts';
import { ChoiceSelect } from './ChoiceSelect.tsx';
import type { PartProps } from './part-props.ts';

/** Who asks, for which company, and which company was served. */
export function Who({ part, change, wrong }: PartProps) {
  const { t } = useTranslation();
  const { proposal, conversation } = change.closing;
  const own = proposal.companies.length === 1 ? proposal.companies[0]?.name : (conversation.company?.name ?? undefined);
  const servedIsMissing = wrong('served') !== undefined;
  return (
    <div className="field-grid field-grid-3">
      <ChoiceSelect
        label={t('closing.requester')}
        placeholder={conversation.contact.name || t('contact.unnamed')}
        field="requester"
        proposed={proposal.requesters}
        value={part.requester}
        look={contactsQuery}
        pick={(requester) => change.part((old) => ({ ...old, requester }))}
        error={wrong('requester')}
      />
      <ChoiceSelect
        label={t('closing.company')}
        placeholder={own ?? t('closing.noCompany')}
        field="company"
        proposed={proposal.companies}
        value={part.company}
        look={companiesQuery}
        pick={(company) => change.part((old) => ({ ...old, company }))}
        error={wrong('company')}
      />
      <ChoiceSelect
        label={t('closing.served')}
        placeholder={t(servedIsMissing ? 'closing.chooseCompany' : 'closing.servedSame')}
        field="served"
        stop={servedIsMissing ? 'served' : undefined}
        proposed={proposal.companies}
        value={part.served}
        look={companiesQuery}
        pick={(served) => change.part((old) => ({ ...old, served }))}
        error={servedIsMissing}
      />
    </div>
  );
}
