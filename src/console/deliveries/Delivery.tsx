import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeliveryView } from '../../api/contract.ts';
import { call } from '../api/client.ts';
import { agoOf, dateTimeOf, listOf, timeOf } from '../parts/format.ts';
import { tellProblem } from '../parts/problem-text.ts';
import { EditOperation } from './EditOperation.tsx';
import { WhichTicket } from './WhichTicket.tsx';

function Failure({ delivery }: { delivery: DeliveryView }) {
  const { t } = useTranslation();
  const { error, target } = delivery;
  if (!error) return null;
  return (
    <div className="delivery-error">
      <p>{t(`delivery.error.${error.code}`, { target, defaultValue: error.message })}</p>
      <p className="delivery-said">
        {error.field ? `${error.field}: ` : ''}
        {error.message}
      </p>
    </div>
  );
}

function Actions({ delivery, edit, which }: { delivery: DeliveryView; edit: () => void; which: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const options = { onError: tellProblem, onSettled: () => client.invalidateQueries({ queryKey: ['deliveries'] }) };
  const retry = useMutation({ mutationFn: () => call('POST', `/deliveries/${delivery.id}/retry`, { body: {} }), ...options });
  const arrived = useMutation({ mutationFn: () => call('POST', `/deliveries/${delivery.id}/arrived`, { body: {} }), ...options });
  // Which ticket it became, only a person can see.
  const asksWhich = delivery.kind === 'open';
  const unclear = delivery.error?.code === 'unclear';
  return (
    <div className="delivery-actions">
      <Button variant={unclear ? 'default' : 'filled'} loading={retry.isPending} onClick={() => retry.mutate()}>
        {t(unclear ? 'delivery.sendAgain' : 'delivery.retry')}
      </Button>
      {unclear && (
        <Button variant="default" loading={arrived.isPending} onClick={() => (asksWhich ? which() : arrived.mutate())}>
          {t('delivery.arrived')}
        </Button>
      )}
      {!unclear && delivery.targetKind === 'helpdesk' && (
        <Button variant="default" onClick={edit}>
          {t('delivery.edit')}
        </Button>
      )}
    </div>
  );
}

export function Delivery({ delivery }: { delivery: DeliveryView }) {
  const { t } = useTranslation();
  const [open, show] = useState<'edit' | 'which'>();
  const { state, kind, subject, target, attempts, createdAt, dueAt, doneAt, ticket, conversation, doubles } = delivery;
  const stuck = state === 'parked' || state === 'dead';
  return (
    <li className="delivery" data-state={state}>
      <div className="delivery-head">
        <h2>
          {t(`delivery.kind.${kind}`, { defaultValue: kind })} <span className="cell-quiet">→ {target}</span>
        </h2>
        <span className="tag" data-state={state}>
          {t(`delivery.is.${state}`)}
        </span>
      </div>
      {subject && <p className="delivery-subject">{subject}</p>}
      {stuck && <Failure delivery={delivery} />}
      {doubles.length > 0 && (
        <p className="delivery-error" role="alert">
          {t('delivery.doubles', { where: listOf(doubles) })}
        </p>
      )}
      <p className="delivery-facts">
        <span title={dateTimeOf(createdAt)}>{agoOf(createdAt)}</span>
        {attempts > 0 && <span>{t('delivery.attempts', { count: attempts })}</span>}
        {state === 'waiting' && attempts > 0 && dueAt > Date.now() && <span>{t('delivery.nextAt', { time: timeOf(dueAt) })}</span>}
        {doneAt !== null && <span>{t('delivery.doneAt', { time: dateTimeOf(doneAt) })}</span>}
        {ticket && <a href={ticket.url}>{t('ticket.number', { number: ticket.number })}</a>}
        {conversation && (
          <Link to="/conversations/$id" params={{ id: conversation }} search={{}}>
            {t('delivery.conversation')}
          </Link>
        )}
      </p>
      {stuck && !open && <Actions delivery={delivery} edit={() => show('edit')} which={() => show('which')} />}
      {open === 'edit' && <EditOperation delivery={delivery} close={() => show(undefined)} />}
      {open === 'which' && <WhichTicket delivery={delivery} close={() => show(undefined)} />}
    </li>
  );
}
