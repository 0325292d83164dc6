/** Colours that can be read, whatever colour ops chose. By WCAG 2 contrast. */
type Rgb = readonly [number, number, number];

const parse = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
const print = (rgb: Rgb): string => `#${rgb.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`;

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(one: string, two: string): number {
  const [light, dark] = [luminance(parse(one)), luminance(parse(two))].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const ink = '#16202e';

/** What letters in the accent's own colour stand on: of all grounds of a scheme the one that makes it hardest. */
export const grounds = { light: '#f5f7fa', dark: '#253042' } as const;
export type Scheme = keyof typeof grounds;

/** `on`: letters on the accent. `strong`: the accent, darkened or lightened until it can be read on the grounds of the scheme. */
export function palette(accent: string, scheme: Scheme): { accent: string; on: string; strong: string } {
  // One of white and black always has 4.5; the softer ink is taken where it has, too.
  const on = ['#ffffff', ink].find((letters) => contrast(accent, letters) >= 4.5) ?? '#000000';
  let strong = parse(accent);
  const nearer = (value: number): number => (scheme === 'light' ? value * 0.94 : value + (255 - value) * 0.06 + 0.5);
  while (contrast(print(strong), grounds[scheme]) < 4.5) strong = strong.map((value) => Math.min(255, nearer(value))) as unknown as Rgb;
  return { accent, on, strong: print(strong) };
}
