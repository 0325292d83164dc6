import { Tooltip } from '@mantine/core';
import { IconCircleCheck, IconHelpCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ConversationDetail } from '../../api/contract.ts';
import { listOf } from '../parts/format.ts';

/** Who vouches for it is told in words too: a claimed address may be anybody's. */
export function Identities({ contact }: { contact: ConversationDetail['contactDetail'] }) {
  const { t } = useTranslation();
  const shown = contact.identities.filter(({ kind }) => kind !== 'account');
  const account = shown.length === 0 ? contact.identities.slice(0, 1) : [];
  return (
    <ul className="identities" aria-label={t('contact.identities')}>
      {[...shown, ...account].map(({ kind, value, verified }) => (
        <li key={`${kind}:${value}`}>
          <Tooltip label={t(verified ? 'contact.verifiedHint' : 'contact.claimedHint')}>
            <span className={verified ? 'identity' : 'identity identity-claimed'}>
              {verified ? <IconCircleCheck size={13} aria-hidden /> : <IconHelpCircle size={13} aria-hidden />}
              {value}
              <span className="identity-word">{t(verified ? 'contact.verified' : 'contact.claimed')}</span>
            </span>
          </Tooltip>
        </li>
      ))}
      {contact.companies.length > 1 && <li className="identity">{t('contact.companies', { names: listOf(contact.companies.map(({ name }) => name)) })}</li>}
    </ul>
  );
}
