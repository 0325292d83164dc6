import { Button } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ticketQuery } from '../api/queries.ts';
import type { TicketView } from '../api/shapes.ts';
import { dateTimeOf, shortDayOf } from '../parts/format.ts';
import { Loading } from '../parts/Loading.tsx';
import { Page } from '../parts/Page.tsx';
import { Problem } from '../parts/Problem.tsx';
import { Starting } from '../starting/Starting.tsx';
import { Entry } from './Entry.tsx';
import { textOfHtml, textUnderHeading } from './html-text.ts';

function Facts({ ticket }: { ticket: TicketView }) {
  const { t } = useTranslation();
  const facts: readonly (readonly [label: string, value: string | null])[] = [
    [t('ticket.column.requester'), ticket.requester],
    [t('ticket.column.company'), ticket.company],
    [t('ticket.column.priority'), ticket.priority],
    [t('ticket.column.assignee'), ticket.assignee],
    [t('ticket.column.due'), ticket.due === null ? null : shortDayOf(ticket.due)],
    [t('ticket.column.updated'), dateTimeOf(ticket.updatedAt)],
    [t('ticket.column.helpdesk'), ticket.helpdesk],
  ];
  return (
    <dl className="facts">
      <div>
        <dt>{t('ticket.column.status')}</dt>
        <dd>
          <span className="status" data-meaning={ticket.status.meaning}>
            {ticket.status.label}
          </span>
        </dd>
      </div>
      {facts.map(([label, value]) =>
        value ? (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}

export function TicketPage() {
  const { t } = useTranslation();
  const { helpdesk, id } = useParams({ from: '/shell/tickets/$helpdesk/$id' });
  const query = useQuery(ticketQuery(helpdesk, id));
  const ticket = query.data;
  const outside = ticket && /^https?:/.test(ticket.url) && !ticket.url.startsWith(location.origin) ? ticket.url : undefined;
  const tools = (
    <>
      {ticket && <Starting ticket={{ helpdesk, id, number: ticket.number, requester: ticket.requester }} />}
      {outside && (
        <Button component="a" href={outside} target="_blank" rel="noreferrer" variant="default" rightSection={<IconExternalLink size={14} />}>
          {t('ticket.openAt', { helpdesk })}
        </Button>
      )}
    </>
  );
  return (
    <Page title={ticket ? `#${ticket.number} ${ticket.subject}` : t('nav.tickets')} tools={tools}>
      {query.isPending && <Loading />}
      {query.error && <Problem error={query.error} retry={() => void query.refetch()} />}
      {ticket && (
        <div className="ticket">
          <div className="ticket-main">
            <section>
              <h2>{t('ticket.summary')}</h2>
              <p className="ticket-summary">{ticket.summary ? textUnderHeading(ticket.summary) : t('ticket.noSummary')}</p>
            </section>
            <section>
              <h2>{t('ticket.description')}</h2>
              <p className="ticket-text">{textOfHtml(ticket.description) || t('message.noText')}</p>
            </section>
            <section>
              <h2>{t('ticket.entries')}</h2>
              {ticket.entries.length === 0 && <p className="field-none">{t('ticket.noEntries')}</p>}
              <ol className="entries">
                {ticket.entries.map((entry) => (
                  <Entry key={entry.id} entry={entry} />
                ))}
              </ol>
            </section>
          </div>
          <div>
            <Facts ticket={ticket} />
            {ticket.conversations.length > 0 && (
              <section className="ticket-conversations">
                <h2>{t('ticket.conversations')}</h2>
                <ul>
                  {ticket.conversations.map((conversation, index) => (
                    <li key={conversation}>
                      <Link to="/conversations/$id" params={{ id: conversation }} search={{}}>
                        {t('ticket.conversation', { number: index + 1 })}
                      </Link>
                    </li>
                  ))}
                </ul>
              </section>
            )}
          </div>
        </div>
      )}
    </Page>
  );
}
