/** The few words that this connector itself writes into tickets, in the language of the transcript beside them. */
import type { Block, InternalText, PublicText } from '../../src/kit/index.ts';
import type { Files } from './multipart.ts';

const notAttached: Readonly<Record<string, string>> = {
  en: 'Not attached, because a Freshdesk ticket holds 20 MB:',
  pt: 'Não anexado, porque um ticket do Freshdesk comporta 20 MB:',
  de: 'Nicht angehängt, weil ein Freshdesk-Ticket 20 MB fasst:',
  it: 'Non allegato, perché un ticket Freshdesk contiene 20 MB:',
  es: 'No adjuntado, porque un ticket de Freshdesk admite 20 MB:',
};

const localeOf = (blocks: readonly Block[]): string => blocks.find((block) => block.type === 'transcript')?.locale ?? 'en';

const megabytes = (size: number): string => `${(size / 2 ** 20).toFixed(1)} MB`;

/** The same text, with a last paragraph that names the files which are not there. */
export function naming<T extends PublicText | InternalText>(text: T, left: Files): T {
  if (left.length === 0) return text;
  const words = notAttached[localeOf(text.blocks).slice(0, 2)] ?? notAttached.en;
  const paragraph: Block = { type: 'paragraph', text: `${words} ${left.map(({ name, size }) => `${name} (${megabytes(size)})`).join(', ')}` };
  return { ...text, blocks: [...text.blocks, paragraph] };
}
