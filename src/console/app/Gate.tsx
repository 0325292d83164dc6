import type { ReactNode } from 'react';
import { Languages } from '../preferences/Languages.tsx';

/** The frame of the pages before sign-in. */
export function Gate({ title, intro, children }: { title: string; intro?: string; children: ReactNode }) {
  return (
    <main className="gate" id="main">
      <div className="gate-card">
        <p className="brand">
          <span className="brand-mark" aria-hidden />
          Deskbridge
        </p>
        <h1>{title}</h1>
        {intro && <p className="gate-intro">{intro}</p>}
        {children}
      </div>
      <Languages />
    </main>
  );
}
