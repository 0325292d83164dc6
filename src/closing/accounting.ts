/** Every message is accounted for: in a part, travelling with all parts, or skipped by name. Pure. */
import type { Decision, Part } from './decision.ts';
import type { FactMessage, Facts } from './facts.ts';
import type { Accounting } from './plan.ts';

/** Substance must be filed or skipped by name; the rest travels with all parts and never blocks. */
export function isSubstance(message: FactMessage, facts: Pick<Facts, 'mapping'>): boolean {
  if (message.deleted || message.automatic || message.filed) return false;
  if (message.kind === 'internal' || message.role === 'bot' || message.role === 'system') return false;
  if (message.files.some((file) => !file.decoration)) return true;
  return message.text.trim() !== '' && !facts.mapping.isCourtesy(message.text);
}

/** Travels with all parts: whatever is no substance and was not filed before. */
const travels = (message: FactMessage, facts: Facts): boolean => !message.filed && !message.deleted && !isSubstance(message, facts);

/** The messages of one part in conversation order. A part of a conversation that stays open takes only what was ticked. */
export function messagesOf(part: Part, decision: Decision, facts: Facts): readonly FactMessage[] {
  const ticked = new Set(part.messages);
  return facts.messages.filter((message) => ticked.has(message.id) || (decision.ends && travels(message, facts)));
}

export function account(decision: Decision, facts: Facts): { accounting: readonly Accounting[]; unfiled: readonly string[] } {
  const filed = decision.parts.flatMap((part) =>
    messagesOf(part, decision, facts).map(
      (message): Accounting => ({ part: part.key, message: message.id, how: part.messages.includes(message.id) ? 'filed' : 'courtesy' }),
    ),
  );
  const held = new Set(filed.filter(({ how }) => how === 'filed').map(({ message }) => message));
  const skipped = decision.none
    ? facts.messages.filter((message) => isSubstance(message, facts)).map(({ id }) => id)
    : decision.skipped.filter((id) => !held.has(id));
  const accounted = new Set([...held, ...skipped]);
  const unfiled = decision.ends ? facts.messages.filter((message) => isSubstance(message, facts) && !accounted.has(message.id)).map(({ id }) => id) : [];
  return { accounting: [...filed, ...skipped.map((message): Accounting => ({ part: '', message, how: 'skipped' }))], unfiled };
}
