/** What a customer will read: free text, or a template with its values. */
import { fillTemplate, type Templates } from '../conversations/templates.ts';
import type { TemplateUse } from '../kit/index.ts';
import type { ConnectedChannel } from '../tickets/desks.ts';
import { HttpProblem } from './problem.ts';

/** Throws a problem that names what is wrong: empty, too long, no such template, a value that is missing. */
export async function wordsOf(
  { templates }: { templates: Templates },
  channel: ConnectedChannel,
  { text = '', template }: { readonly text?: string | undefined; readonly template?: TemplateUse | undefined },
): Promise<string> {
  if (!template) {
    if (!text.trim()) throw new HttpProblem(400, 'empty-message', 'Write something.');
    checkLength(channel, text);
    return text.trim();
  }
  const known = (await templates.of(channel.name)).find(({ id }) => id === template.id);
  if (!known) throw new HttpProblem(422, 'no-template', 'This channel has no such template.');
  const words = fillTemplate(known, template);
  if (words === undefined) throw new HttpProblem(422, 'template-values', `This template needs ${known.values} values.`);
  return words;
}

export function checkLength({ capabilities }: ConnectedChannel, text: string): void {
  if (text.length > capabilities.maxTextLength) throw new HttpProblem(422, 'too-long', `This channel takes at most ${capabilities.maxTextLength} characters.`);
}
