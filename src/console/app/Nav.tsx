import {
  IconAlertTriangle,
  IconChecklist,
  IconInbox,
  IconKey,
  IconPlugConnected,
  IconSend,
  IconTicket,
  IconUsers,
  IconZoomExclamation,
} from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { needsLook } from '../admin/condition.ts';
import { connectorsQuery, deliveriesQuery, unfiledQuery } from '../api/queries.ts';
import { MeMenu } from '../preferences/MeMenu.tsx';
import { useMe } from './session.ts';

interface Entry {
  readonly to: '/inbox' | '/tickets' | '/deliveries' | '/filed' | '/connectors' | '/quarantine' | '/agents' | '/tokens';
  readonly label: string;
  readonly icon: ComponentType<{ size?: number; stroke?: number }>;
  readonly count?: string;
  readonly alarm?: boolean;
}

function Entries({ entries }: { entries: readonly Entry[] }) {
  return (
    <ul>
      {entries.map(({ to, label, icon: Icon, count, alarm }) => (
        <li key={to}>
          <Link
            to={to}
            search={{}}
            className="nav-link"
            activeProps={{ className: 'nav-link nav-link-here' }}
            activeOptions={{ includeSearch: false }}
            title={label}
          >
            <Icon size={17} stroke={1.7} />
            <span className="nav-label">{label}</span>
            {count && <span className={alarm ? 'nav-count nav-count-alarm' : 'nav-count'}>{count}</span>}
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function Nav({ showKeys }: { showKeys: () => void }) {
  const { t } = useTranslation();
  const admin = useMe().role === 'admin';
  const parked = useInfiniteQuery(deliveriesQuery('parked'));
  const dead = useInfiniteQuery(deliveriesQuery('dead'));
  const unfiled = useQuery(unfiledQuery);
  const connectors = useQuery({ ...connectorsQuery, enabled: admin });
  const stuck = [parked, dead].reduce((sum, query) => sum + (query.data?.pages[0]?.items.length ?? 0), 0);
  const trouble = connectors.data?.items.filter(needsLook).length ?? 0;
  const work: readonly Entry[] = [
    { to: '/inbox', label: t('nav.inbox'), icon: IconInbox, alarm: true, ...(unfiled.data?.all ? { count: String(unfiled.data.all) } : {}) },
    { to: '/tickets', label: t('nav.tickets'), icon: IconTicket },
    { to: '/deliveries', label: t('nav.deliveries'), icon: stuck ? IconAlertTriangle : IconSend, alarm: true, ...(stuck ? { count: String(stuck) } : {}) },
    { to: '/filed', label: t('nav.filed'), icon: IconChecklist },
  ];
  const house: readonly Entry[] = [
    { to: '/connectors', label: t('nav.connectors'), icon: IconPlugConnected, alarm: true, ...(trouble ? { count: String(trouble) } : {}) },
    { to: '/quarantine', label: t('nav.quarantine'), icon: IconZoomExclamation },
    { to: '/agents', label: t('nav.agents'), icon: IconUsers },
    { to: '/tokens', label: t('nav.tokens'), icon: IconKey },
  ];
  return (
    <nav className="nav" aria-label={t('nav.label')}>
      <p className="brand">
        <span className="brand-mark" aria-hidden />
        <span className="nav-label">Deskbridge</span>
      </p>
      <Entries entries={work} />
      {admin && (
        <>
          <p className="nav-heading nav-label">{t('nav.admin')}</p>
          <Entries entries={house} />
        </>
      )}
      <MeMenu showKeys={showKeys} />
    </nav>
  );
}
