import { Button, NativeSelect, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconChecks } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationDetail } from '../../api/contract.ts';
import { agentsQuery } from '../api/queries.ts';
import { useMe } from '../app/session.ts';
import { durationOf, timeOf } from '../parts/format.ts';
import { Keycap } from '../parts/Keycap.tsx';
import { keyOf } from '../parts/keys.ts';
import { Identities } from './Identities.tsx';
import type { useAssign } from './use-assign.ts';

function AssigneeSelect({ conversation, assign }: { conversation: ConversationDetail; assign: ReturnType<typeof useAssign> }) {
  const { t } = useTranslation();
  const me = useMe();
  const { data } = useQuery(agentsQuery);
  const known = [{ id: me.id, name: me.name, email: me.email }, ...(data?.items ?? [])];
  const all = [...new Map([...known, ...(conversation.assignee ? [conversation.assignee] : [])].map((agent) => [agent.id, agent])).values()];
  return (
    <NativeSelect
      aria-label={t('conversation.assignee')}
      className="assignee"
      value={conversation.assignee?.id ?? ''}
      onChange={(event) => assign.to(all.find(({ id }) => id === event.currentTarget.value) ?? null)}
      data={[
        { value: '', label: t('conversation.nobody') },
        ...all.map(({ id, name }) => ({ value: id, label: id === me.id ? t('conversation.meNamed', { name }) : name })),
      ]}
    />
  );
}

const endings = { vendor: 'conversation.endedThere', idle: 'conversation.endedIdle', closing: 'conversation.ended' } as const;

export function ConversationHead(props: {
  conversation: ConversationDetail;
  assign: ReturnType<typeof useAssign>;
  endButton: RefObject<HTMLButtonElement | null>;
  end: () => void;
  ending: boolean;
}) {
  const { conversation, assign, endButton, end, ending } = props;
  const { t } = useTranslation();
  const me = useMe();
  const { contact, company, channelTitle, messages, startedAt, lastAt, state, endedBy, filed, subject } = conversation;
  const facts = [channelTitle, t('conversation.messages', { count: messages }), durationOf(lastAt - startedAt)];
  return (
    <header className="conversation-head">
      <div className="conversation-who">
        <Link
          to="/inbox"
          search={(old) => ({ view: old.view, assignee: old.assignee, words: old.words })}
          className="back-link"
          aria-label={t('conversation.back')}
        >
          <IconArrowLeft size={17} />
        </Link>
        <div>
          <h1>
            {company && (
              <>
                <span>{company.name}</span>
                <span className="crumb" aria-hidden>
                  ›
                </span>
              </>
            )}
            <span>{contact.name || t('contact.unnamed')}</span>
          </h1>
          {subject && <p className="conversation-subject">{subject}</p>}
          <p className="conversation-facts">
            {facts.join(' · ')}
            {state === 'ended' && <span className="tag">{t(endings[endedBy ?? 'closing'])}</span>}
            {state === 'ended' && !filed && <span className="tag tag-alarm">{t('inbox.withoutTicket')}</span>}
          </p>
          <Identities contact={conversation.contactDetail} />
        </div>
      </div>
      <div className="conversation-tools">
        <AssigneeSelect conversation={conversation} assign={assign} />
        <Tooltip label={t('conversation.endHint')}>
          <Button
            ref={endButton}
            leftSection={<IconChecks size={15} />}
            rightSection={<Keycap>{keyOf('end').toUpperCase()}</Keycap>}
            variant={ending ? 'light' : 'filled'}
            aria-expanded={ending}
            aria-keyshortcuts={keyOf('end')}
            onClick={end}
          >
            {t(state === 'ended' ? 'conversation.file' : 'conversation.end')}
          </Button>
        </Tooltip>
      </div>
      {conversation.ending && conversation.ending.agent.id !== me.id && !ending && (
        <p className="ending-hint" role="status">
          {t('closing.endingSince', { name: conversation.ending.agent.name, time: timeOf(conversation.ending.since) })}
        </p>
      )}
      {conversation.continues && (
        <p className="continues">
          <Link to="/conversations/$id" params={{ id: conversation.continues }} search={(old) => ({ ...old, end: undefined })}>
            {t('conversation.continues')}
          </Link>
        </p>
      )}
    </header>
  );
}
