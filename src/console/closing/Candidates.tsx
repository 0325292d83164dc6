import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Proposal, TicketRow } from '../../api/contract.ts';
import { ticketSearchQuery } from '../api/queries.ts';
import { agoOf } from '../parts/format.ts';
import { asTicketChoice } from './draft.ts';
import type { PartProps } from './part-props.ts';
import { textOfReason } from './plan-text.ts';

type Candidate = TicketRow & Partial<Pick<Proposal['candidates'][number], 'reasons' | 'closed'>>;

function CandidateRow({ ticket, desk, several }: { ticket: Candidate; desk: string; several: boolean }) {
  const { t } = useTranslation();
  const reasons = ticket.reasons?.map((reason) => textOfReason(t, reason)) ?? [];
  return (
    <span className="candidate-text">
      <span className="candidate-title">
        <b>#{ticket.number}</b> {ticket.subject}
      </span>
      <span className="candidate-facts">
        <span className="status" data-meaning={ticket.status.meaning}>
          {ticket.status.label}
        </span>
        {[several ? desk : '', ticket.requester, ticket.company, agoOf(ticket.updatedAt)].filter(Boolean).join(' · ')}
      </span>
      {reasons.length > 0 && <span className="candidate-why">{reasons.join(', ')}</span>}
      {ticket.closed && <span className="candidate-closed">{t('closing.opensFollowUp')}</span>}
    </span>
  );
}

/** Tickets that this may belong to, each with why; looked for further by number or words. */
export function Candidates({ part, change, wrong }: PartProps) {
  const { t } = useTranslation();
  const { proposal } = change.closing;
  const [words, setWords] = useState('');
  const [asked] = useDebouncedValue(words.trim(), 250);
  const found = useQueries({
    queries: proposal.helpdesks.map(({ name }) => ({ ...ticketSearchQuery(name, asked.replace(/^#/, '')), enabled: asked.length >= 2 })),
  });
  const searching = asked.length >= 2;
  const candidates: readonly Candidate[] = searching ? found.flatMap(({ data }) => data?.items ?? []) : proposal.candidates;
  const { ticket } = part;
  const chosenElsewhere = ticket && !candidates.some((one) => one.helpdesk === ticket.helpdesk && one.id === ticket.id);
  const error = wrong('ticket');
  const pick = (one: Candidate): void => change.part((old) => ({ ...old, ticket: asTicketChoice(one, one.closed ?? one.status.meaning === 'closed') }));
  return (
    <fieldset className="field candidates" data-stop="ticket" data-field="ticket">
      <legend>{t('closing.whichTicket')}</legend>
      {error && <p className="field-error">{error}</p>}
      {ticket && chosenElsewhere && (
        <p className="candidate candidate-chosen">
          <b>#{ticket.number}</b> {ticket.subject} <span className="status">{ticket.status.label}</span>
        </p>
      )}
      <div className="candidate-list">
        {candidates.map((one) => (
          <label key={`${one.helpdesk}/${one.id}`} className="candidate">
            <input type="radio" name="ticket" checked={ticket?.helpdesk === one.helpdesk && ticket.id === one.id} onChange={() => pick(one)} />
            <CandidateRow
              ticket={one}
              several={proposal.helpdesks.length > 1}
              desk={proposal.helpdesks.find(({ name }) => name === one.helpdesk)?.title ?? one.helpdesk}
            />
          </label>
        ))}
        {candidates.length === 0 && (
          <p className="field-none">
            {t(searching ? (found.some(({ isFetching }) => isFetching) ? 'closing.looking' : 'closing.nothingFound') : 'closing.noCandidates')}
          </p>
        )}
      </div>
      <TextInput
        type="search"
        aria-label={t('closing.searchTickets')}
        placeholder={t('closing.searchTickets')}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        data-search
      />
    </fieldset>
  );
}
