import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listOf, timeOf } from '../parts/format.ts';
import { problemText } from '../parts/problem-text.ts';
import type { Closing } from './use-closing.ts';
import { idleMs } from './use-ending.ts';

function OtherAgent({ closing }: { closing: Closing }) {
  const { t } = useTranslation();
  const { other, takeOver } = closing.ending;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  if (!other) return null;
  return (
    <div className="banner banner-hint" role="status">
      <span>{t('closing.endingSince', { name: other.agent.name, time: timeOf(other.since) })}</span>
      {now - other.since >= idleMs && (
        <Button size="compact-xs" variant="default" onClick={() => void takeOver()}>
          {t('closing.takeOver')}
        </Button>
      )}
    </div>
  );
}

const deskTitle = ({ proposal, native }: Closing): string => proposal.helpdesks.find(({ name }) => name === native?.helpdesk)?.title ?? '';

/** What changed while the dialog was open: loud, because it asks for one more confirmation. */
export function Banners({ closing }: { closing: Closing }) {
  const { t } = useTranslation();
  const { confirm, unseen, conversation, draft, parts, filing } = closing;
  const newest = conversation.messageList.find(({ id }) => id === unseen.at(-1));
  const filed = new Set(parts.flatMap(({ messages }) => messages)).size;
  const error = filing.error && confirm !== 'plan-changed' ? problemText(filing.error) : '';
  return (
    <>
      <OtherAgent closing={closing} />
      {closing.corrects.length > 0 && (
        <div className="banner banner-hint" role="status">
          {t('closing.correcting', { count: closing.corrects.length, numbers: listOf(closing.corrects.map(({ number }) => `#${number}`)) })}
        </div>
      )}
      {draft.partial && draft.way !== 'none' && (
        <div className="banner banner-part" role="status">
          {t('closing.partHeader', { count: filed, all: conversation.messageList.length })}
        </div>
      )}
      <div role="alert">
        {confirm === 'new-messages' && (
          <div className="banner banner-alarm">
            <b>{t('closing.newMessages', { count: unseen.length })}</b>
            {newest && <q>{newest.text.slice(0, 140) || t('message.noText')}</q>}
          </div>
        )}
        {confirm === 'plan-changed' && (
          <div className="banner banner-alarm">
            <b>{t('closing.planChanged')}</b>
          </div>
        )}
        {confirm === 'second-ticket' && closing.native && (
          <div className="banner banner-alarm">
            <b>{t('closing.secondTicket', { number: closing.native.number, helpdesk: deskTitle(closing) })}</b>
          </div>
        )}
        {error && <div className="banner banner-error">{error}</div>}
      </div>
    </>
  );
}
