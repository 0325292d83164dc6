import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { renderSVG } from 'uqr';
import { connectorsQuery, sessionQuery } from '../api/queries.ts';
import { Problem } from '../parts/Problem.tsx';

/** Scanners need a light margin of four modules, in the dark too. */
const asPicture = (code: string): string => `data:image/svg+xml,${encodeURIComponent(renderSVG(code, { border: 4 }))}`;

/** The code that links a channel's account, followed as it changes, and gone once it was scanned. Administrators alone may have it. */
export function PairingCode({ name }: { name: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(sessionQuery(name));
  const code = data?.qr;
  const picture = useMemo(() => code && asPicture(code), [code]);
  const linked = data !== undefined && data.state !== 'unpaired';
  useEffect(() => {
    if (linked) void client.invalidateQueries({ queryKey: connectorsQuery.queryKey, exact: true });
  }, [linked, client]);
  return (
    <div className="pairing">
      {picture ? <img className="pairing-code" src={picture} alt={t('connector.pair.alt', { name })} width={232} height={232} /> : null}
      <div>
        <h4>{t('connector.pair.title')}</h4>
        <p>{t('connector.pair.how')}</p>
        {data?.detail && <p className="cell-quiet">{data.detail}</p>}
        {!picture && !error && <p role="status">{t('connector.pair.soon')}</p>}
        {error && !data && <Problem error={error} retry={() => void refetch()} />}
      </div>
    </div>
  );
}
