import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeliveryView, TicketRow } from '../../api/contract.ts';
import { call } from '../api/client.ts';
import { ticketSearchQuery } from '../api/queries.ts';
import { tellProblem } from '../parts/problem-text.ts';

/** A new ticket of which nobody knows whether it was opened: a person found it, and names it. */
export function WhichTicket({ delivery, close }: { delivery: DeliveryView; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [words, setWords] = useState('');
  const [asked] = useDebouncedValue(words.trim(), 250);
  const found = useQuery({ ...ticketSearchQuery(delivery.target, asked), enabled: asked.length > 0 });
  const arrived = useMutation({
    mutationFn: ({ helpdesk, id, number, url }: TicketRow) =>
      call('POST', `/deliveries/${delivery.id}/arrived`, { body: { ticket: { helpdesk, id, number, url } } }),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: ['deliveries'] }),
  });
  return (
    <div className="edit-operation">
      <TextInput
        type="search"
        label={t('delivery.whichArrived')}
        placeholder={t('closing.searchTickets')}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        autoFocus
      />
      {asked && found.data?.items.length === 0 && <p className="field-none">{t('closing.nothingFound')}</p>}
      <ul className="which-tickets">
        {found.data?.items.map((ticket) => (
          <li key={ticket.id}>
            <Button variant="default" loading={arrived.isPending} onClick={() => arrived.mutate(ticket)}>
              #{ticket.number} {ticket.subject}
            </Button>
          </li>
        ))}
      </ul>
      <Button variant="subtle" color="gray" onClick={close}>
        {t('action.cancel')}
      </Button>
    </div>
  );
}
