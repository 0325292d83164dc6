/**
 * Finds where a reply ends and earlier mail begins. The text is cut at one line and nothing is dropped: what stands above is
 * shown, what stands below is folded. Where questions and answers interleave, nothing is folded.
 */

export interface Split {
  readonly visible: string;
  readonly quoted: string | undefined;
}

const longestLine = 400;

/** "On Monday … Ana wrote:" in the forms of Gmail, Apple Mail, Yahoo and Thunderbird: pt, en, de, it, es, fr. */
const intros = [
  /^(?:em|no dia|na|aos?)\b.*\d.*\bescreve(?:u|ram)\s?:$/i,
  /^on\b.*\d.*\bwrote\s?:$/i,
  /^am\b.*\d.*\bschrieb\b.*:$/i,
  /^(?:il|in data)\b.*\d.*\bha scritto\s?:$/i,
  /^(?:el|en)\b.*\d.*\bescribi[óo]\s?:$/i,
  /^le\b.*\d.*\ba écrit\s?:$/i,
];

/** "Ana <a@b> escreveu em …:", on one line only: joined with the line above, it would swallow the reply. */
const reversed = /^.{1,120}<[^<>\s]+@[^<>\s]+>\s+(?:escreveu|wrote|schrieb|ha scritto|escribió)\b.*:$/i;

const dividers =
  /^\W*-{2,}\s*(?:mensagem original|original message|original appointment|ursprüngliche nachricht|messaggio originale|mensaje original|message d'origine)\s*-{2,}\W*$/i;

/** Forwarded mail is what the sender wants read, so it is never folded. */
const forwards =
  /^\W*(?:-{2,}\s*)?(?:forwarded message|mensagem encaminhada|begin forwarded message|início da mensagem encaminhada|weitergeleitete nachricht|anfang der weitergeleiteten nachricht|messaggio inoltrato|inizio messaggio inoltrato|mensaje reenviado|inicio del mensaje reenviado)\b/i;

const fromLabel = /^\s*\*?(?:de|from|von|da)\s?:\*?\s*\S/i;
const otherLabels = [
  /^\s*\*?(?:enviad[oa](?: em| el)?|sent|gesendet|inviato|date|data|datum|fecha)\s?:\*?\s*\S/i,
  /^\s*\*?(?:para|to|an|a)\s?:\*?\s*\S/i,
  /^\s*\*?(?:assunto|subject|betreff|oggetto|asunto)\s?:\*?/i,
];

const verb = /^(?:enviad[oa] (?:do|da|de|pelo|pela|desde|via|a partir)|sent (?:from|via|with)|gesendet (?:von|mit)|von mein\w*|inviato (?:da|dal|con))\b/i;
const device =
  /\b(?:iphone|ipad|android|galaxy|samsung|motorola|xiaomi|huawei|blackberry|celular|smartphone|telefone|handy|mobile|tablet|outlook|yahoo|proton ?mail|e-?mail (?:para|for|per|für) windows|mail (?:para|for) windows)\b/i;
/** What Outlook says of itself; the bare verbs begin customers' sentences too. */
const advert = /^(?:obter|obtenha|obtener|get|scarica|baixe|holen)\b.{0,12}\boutlook\b/i;

const isQuoted = (line: string): boolean => /^\s?>/.test(line);
const isBlank = (line: string): boolean => line.trim() === '';
const isDeviceSignature = (line: string): boolean => line.length <= 160 && ((verb.test(line.trim()) && device.test(line)) || advert.test(line.trim()));
const isRule = (line: string): boolean => /^\s*[_*-]{8,}\s*$/.test(line);
const isSignatureMark = (line: string): boolean => /^--\s?$/.test(line);

/** Lines that an intro at `start` spans (1 to 4, as mailers wrap it), or 0. */
function introLength(lines: readonly string[], start: number): number {
  if (!/^\W{0,3}\p{L}/u.test(lines[start] ?? '')) return 0;
  let joined = '';
  for (let length = 1; length <= 4; length += 1) {
    const line = (lines[start + length - 1] ?? '').trim();
    joined = `${joined} ${line}`.trim();
    if (joined.length > longestLine || !line) return 0;
    if (!line.endsWith(':') || !(intros.some((intro) => intro.test(joined)) || (length === 1 && reversed.test(joined)))) continue;
    const next = lines.slice(start + length).find((below) => !isBlank(below)) ?? '';
    // Without marked lines below, only an address tells a mailer's intro from a customer who tells what somebody wrote.
    return isQuoted(next) || /\S@\S/.test(joined) ? length : 0;
  }
  return 0;
}

/** Outlook's block: De / Enviado / Para / Assunto, in any of the five languages. */
function isHeaderBlock(lines: readonly string[], start: number): boolean {
  if (!fromLabel.test(lines[start] ?? '')) return false;
  const below = lines.slice(start + 1, start + 9);
  return otherLabels.filter((label) => below.some((line) => line.length <= longestLine && label.test(line))).length >= 2;
}

type Kind = 'marked' | 'rest';

function quoteStart(lines: readonly string[]): { at: number; kind: Kind; below: number } | undefined {
  for (const [at, line] of lines.entries()) {
    if (line.length > longestLine && !isQuoted(line)) continue;
    if (forwards.test(line)) return undefined;
    if (isQuoted(line)) return { at, kind: 'marked', below: at };
    if (dividers.test(line) || isHeaderBlock(lines, at)) return { at, kind: 'rest', below: at };
    const length = introLength(lines, at);
    if (length === 0) continue;
    const below = at + length + lines.slice(at + length).findIndex((next) => !isBlank(next));
    return { at, kind: isQuoted(lines[below] ?? '') ? 'marked' : 'rest', below };
  }
  return undefined;
}

/** True if the sender's own words stand below or between marked lines. A signature or an older quote is no answer. */
function isInterleaved(lines: readonly string[], below: number): boolean {
  for (let i = below; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    if (isBlank(line) || isQuoted(line)) continue;
    if (isSignatureMark(line) || isDeviceSignature(line) || dividers.test(line) || isHeaderBlock(lines, i)) return false;
    return introLength(lines, i) === 0;
  }
  return false;
}

/** Blank lines, rules and a phone's signature right above the quote go with it. */
function pullUp(lines: readonly string[], from: number): number {
  let cut = from;
  while (cut > 0) {
    const line = lines[cut - 1] ?? '';
    if (!isBlank(line) && !isRule(line) && !isDeviceSignature(line)) break;
    cut -= 1;
  }
  return cut;
}

/** `visible` and `quoted` together hold every line that is not blank. A text without words of its own above the quote stays whole. */
export function splitQuoted(text: string): Split {
  const lines = text.split(/\r?\n/);
  const whole = { visible: text.trim(), quoted: undefined };
  const start = quoteStart(lines);
  if (start?.kind === 'marked' && isInterleaved(lines, start.below)) return whole;
  const cut = pullUp(lines, start?.at ?? lines.length);
  const part = (from: number, to?: number): string =>
    lines
      .slice(from, to)
      .join('\n')
      .replace(/^(?:[ \t]*\n)+/, '')
      .trimEnd();
  const visible = part(0, cut);
  const quoted = part(cut);
  return visible.trim() === '' || quoted === '' ? whole : { visible, quoted };
}
