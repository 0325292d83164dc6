/**
 * Slack's text markup, read into plain text and written back (docs.slack.dev, "Formatting message text"): `<@U1>`, `<#C1|name>`, `<!here>`,
 * `<url|label>`, and & < > as entities. Stars and underscores stay: people read them.
 */
import { emojiOf } from './emoji.ts';

export interface Names {
  person(id: string): string | undefined;
  channel(id: string): string | undefined;
}

const decode = (text: string): string => text.replace(/&(lt|gt|amp);/g, (_whole, name: string) => (name === 'lt' ? '<' : name === 'gt' ? '>' : '&'));

/** & < > are the only characters that Slack reads as markup once `mrkdwn` is off. */
export const escapeText = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

export function plainText(mrkdwn: string, names: Names): string {
  const parts = mrkdwn.split(/(<[^<>]+>)/);
  return parts.map((part) => (part.startsWith('<') && part.endsWith('>') ? reference(part.slice(1, -1), names) : words(part))).join('');
}

const words = (text: string): string => decode(text.replace(/:([a-z0-9+_-]+(?:::skin-tone-\d)?):/g, (whole, name: string) => known(name) ?? whole));

const known = (name: string): string | undefined => {
  const sign = emojiOf(name);
  return sign.startsWith(':') ? undefined : sign;
};

function reference(inside: string, names: Names): string {
  const cut = inside.indexOf('|');
  const target = cut < 0 ? inside : inside.slice(0, cut);
  const label = cut < 0 ? undefined : decode(inside.slice(cut + 1));
  if (target.startsWith('@')) return `@${names.person(target.slice(1)) ?? label ?? target.slice(1)}`;
  if (target.startsWith('#')) return `#${label || names.channel(target.slice(1)) || target.slice(1)}`;
  if (target.startsWith('!')) return special(target.slice(1), label);
  return link(decode(target), label);
}

/** `!here`, `!subteam^S1|@turno`, `!date^1700000000^{date}|fallback`. */
function special(target: string, label: string | undefined): string {
  if (/^(here|channel|everyone)$/.test(target)) return `@${target}`;
  return label ?? `@${target.split('^')[0]}`;
}

function link(url: string, label: string | undefined): string {
  const shown = url.replace(/^(mailto|tel):/, '');
  if (label === undefined || label === shown || label === url || `https://${label}` === url || `http://${label}` === url) return shown;
  return `${label} (${shown})`;
}

/** Ids of people and channels that a text names without saying what they are called. */
export const namedIn = (mrkdwn: string): { people: string[]; channels: string[] } => ({
  people: [...new Set([...mrkdwn.matchAll(/<@([A-Z0-9]+)(?:\|[^<>]*)?>/g)].map(([, id = '']) => id))],
  channels: [...new Set([...mrkdwn.matchAll(/<#([A-Z0-9]+)\|?>/g)].map(([, id = '']) => id))],
});
