import { IconExternalLink } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ClosingView } from '../../api/contract.ts';

type Ticket = ClosingView['tickets'][number];

/** Ours is opened here; a helpdesk's own page in a tab of its own. Only web addresses become links. */
function helpdeskPage(url: string): string | undefined {
  try {
    const { protocol, origin } = new URL(url, location.origin);
    return /^https?:$/.test(protocol) && origin !== location.origin ? url : undefined;
  } catch {
    return undefined;
  }
}

export function TicketLinks({ tickets }: { tickets: readonly Ticket[] }) {
  const { t } = useTranslation();
  return (
    <>
      {tickets.map((ticket) => {
        const outside = helpdeskPage(ticket.url);
        return (
          <span key={`${ticket.helpdesk}/${ticket.id}`} className="ticket-link">
            <Link to="/tickets/$helpdesk/$id" params={{ helpdesk: ticket.helpdesk, id: ticket.id }}>
              {t('ticket.number', { number: ticket.number })}
            </Link>
            {ticket.via && <span>{t(`ticket.via.${ticket.via}`)}</span>}
            {outside && (
              <a href={outside} target="_blank" rel="noreferrer" aria-label={t('ticket.openAt', { helpdesk: ticket.helpdesk })}>
                <IconExternalLink size={13} aria-hidden />
              </a>
            )}
          </span>
        );
      })}
    </>
  );
}
