import { type ReactNode, useEffect } from 'react';

/** A page with a head that stays and a body that scrolls. */
export function Page({ title, tools, children, wide = false }: { title: string; tools?: ReactNode; children: ReactNode; wide?: boolean }) {
  useEffect(() => {
    document.title = `${title} · Deskbridge`;
  }, [title]);
  return (
    <main className="page" id="main">
      <header className="page-head">
        <h1>{title}</h1>
        <div className="page-tools">{tools}</div>
      </header>
      <div className={wide ? 'page-body page-body-wide' : 'page-body'}>{children}</div>
    </main>
  );
}
