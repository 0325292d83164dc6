/** Comments: their HTML within Zendesk's limit, private or public by the type of the text, and the marker by which they are found again. */
import { type Context, type InternalText, type PublicText, toHtml, toText } from '../../src/kit/index.ts';
import type { Client } from './client.ts';
import type { ZendeskSettings } from './settings.ts';
import { commentShape, type ZendeskComment } from './shapes.ts';

/** Bytes; the vendor takes about 65,000 characters. */
export const maxCommentBytes = 60_000;

/** Holds the whole text where a comment cannot. */
export const overflowName = 'transcript.txt';

const bytes = (text: string): number => Buffer.byteLength(text);

export interface Fitted {
  readonly html: string;
  /** The whole text, to be attached, when the comment holds only its beginning. */
  readonly overflow: string | undefined;
}

/** Half of a text, at a character, until it fits. */
function cut(text: PublicText | InternalText, marker: string | undefined, limit: number): string {
  let kept = toText(text);
  const html = (): string => toHtml({ kind: 'internal', blocks: [{ type: 'paragraph', text: `${kept}…` }] }, marker);
  while (bytes(html()) > limit) kept = [...kept].slice(0, Math.floor(kept.length / 2)).join('');
  return html();
}

/** The HTML of a text; transcripts that make it too long go to a file, and only then words. */
export function fitComment(text: PublicText | InternalText, marker?: string, limit = maxCommentBytes): Fitted {
  const whole = toHtml(text, marker);
  if (bytes(whole) <= limit) return { html: whole, overflow: undefined };
  const overflow = toText(text);
  const blocks = [...text.blocks.filter(({ type }) => type !== 'transcript'), { type: 'paragraph', text: `📎 ${overflowName}` } as const];
  const short = { ...text, blocks };
  const html = toHtml(short, marker);
  return { html: bytes(html) <= limit ? html : cut(short, marker, limit), overflow };
}

export const markerLine = (operation: string): string => `[deskbridge ${operation}]`;

export interface Markers {
  /** The visible last line of a comment, where metadata cannot be relied on. */
  line(operation: string): Promise<string | undefined>;
  /** After a write: looks whether its metadata can be read back, once for all. Never fails the write. */
  learn(ticket: number, operation: string): Promise<void>;
  /** Comments of a ticket that carry the marker. */
  find(ticket: number, operation: string): Promise<readonly ZendeskComment[]>;
}

type Probe = { readonly readable: boolean };

export function createMarkers(context: Context<ZendeskSettings>, client: Client): Markers {
  let known: boolean | undefined = context.settings.markerIn === 'probe' ? undefined : context.settings.markerIn === 'metadata';

  async function readable(): Promise<boolean | undefined> {
    known ??= (await context.records.get<Probe>('probe', 'comment-metadata'))?.readable;
    return known;
  }

  async function find(ticket: number, operation: string): Promise<ZendeskComment[]> {
    const found: ZendeskComment[] = [];
    const last = markerLine(operation);
    for await (const { items } of client.pages(`/tickets/${ticket}/comments`, 'comments', commentShape, { sort: '-created_at' }))
      for (const comment of items) {
        const text = comment.plain_body ?? comment.body ?? '';
        if (comment.metadata?.custom?.deskbridge === operation || text.trimEnd().endsWith(last)) found.push(comment);
      }
    return found;
  }

  return {
    line: async (operation) => ((await readable()) ? undefined : markerLine(operation)),
    find,
    async learn(ticket, operation) {
      try {
        if ((await readable()) !== undefined) return;
        const comments: ZendeskComment[] = [];
        for await (const { items } of client.pages(`/tickets/${ticket}/comments`, 'comments', commentShape, { sort: '-created_at' })) comments.push(...items);
        const seen = comments.some(({ metadata }) => metadata?.custom?.deskbridge === operation);
        await context.records.insert('probe', 'comment-metadata', { readable: seen });
        known = seen;
      } catch (error) {
        context.log.debug({ error: String(error) }, 'The look at comment metadata failed; the next write tries again');
      }
    },
  };
}
