import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconClock } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { MessageView } from '../../api/contract.ts';
import { call } from '../api/client.ts';
import { tellProblem } from '../parts/problem-text.ts';

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
  if (message.sending === 'queued' || message.sending === 'sent')
    return (
      <p className="sending">
        {message.sending === 'sent' ? <IconCheck size={12} aria-hidden /> : <IconClock size={12} aria-hidden />}
        {t(`sending.${message.sending}`)}
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
