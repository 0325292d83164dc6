import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconChecks, IconClock } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { MessageView } from '../../api/contract.ts';
import { call } from '../api/client.ts';
import { dateTimeOf } from '../parts/format.ts';
import { tellProblem } from '../parts/problem-text.ts';

/** One tick for sent, two for delivered, coloured once read; the words are there for everybody. */
function UnderWay({ message: { sending, receipt, receiptAt } }: { message: MessageView }) {
  const { t } = useTranslation();
  const far = sending === 'sent' ? (receipt ?? 'sent') : 'queued';
  const Tick = far === 'queued' ? IconClock : far === 'sent' ? IconCheck : IconChecks;
  return (
    <p className="sending" data-receipt={far} title={receiptAt === null ? undefined : dateTimeOf(receiptAt)}>
      <Tick size={12} aria-hidden />
      {t(`sending.${far}`)}
    </p>
  );
}

/** How far a reply of ours got. An unclear one is never sent again without a person. */
export function Sending({ message }: { message: MessageView }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () => call('POST', `/messages/${message.id}/resend`, { body: {} }),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: ['conversation'] }),
  });
  if (message.kind === 'internal' || message.direction === 'in' || message.sending === 'received') return null;
  if (message.sending === 'queued' || message.sending === 'sent') return <UnderWay message={message} />;
  // It was sent, and the vendor says that it failed: the same words would fail again, so the reason is what helps.
  if (message.failure !== null)
    return (
      <p className="sending sending-alarm" role="alert">
        <IconAlertTriangle size={14} aria-hidden />
        {message.failure ? t('sending.failedBecause', { reason: message.failure }) : t('sending.notDelivered')}
      </p>
    );
  return (
    <p className="sending sending-alarm" role="alert">
      <IconAlertTriangle size={14} aria-hidden />
      {t(`sending.${message.sending}`)}
      <Button size="compact-xs" variant="light" color="red" loading={again.isPending} onClick={() => again.mutate()}>
        {t('sending.again')}
      </Button>
    </p>
  );
}
