/** How the widget looks: the colours, corner and roundness that ops chose. */
import type { Config } from './api.ts';
import { palette, type Scheme } from './color.ts';

export function paint(host: HTMLElement, { color, corner = 'right', scheme = 'light', radius = 20 }: Config): void {
  host.dataset.corner = corner;
  host.style.setProperty('--radius', `${radius}px`);
  const dark = matchMedia('(prefers-color-scheme: dark)');

  function colour(chosen: Scheme): void {
    host.dataset.scheme = chosen;
    for (const [name, value] of Object.entries(palette(color, chosen))) host.style.setProperty(`--${name}`, value);
  }
  const follow = (): void => colour(scheme === 'dark' || (scheme === 'auto' && dark.matches) ? 'dark' : 'light');

  dark.addEventListener('change', follow);
  follow();
}
