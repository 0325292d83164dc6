/** The subject: the first rule that holds writes it; a rule that hangs on an untold fact asks for it. */
import { compileCondition, type Facts } from './conditions.ts';
import type { MappingContext } from './evaluate.ts';
import type { Say } from './phrases.ts';
import type { MappingFile } from './schema.ts';
import { shorten } from './sentences.ts';
import { compileText } from './texts.ts';

export interface SubjectAnswer {
  readonly text: string;
  readonly reason: string;
  /** Index of the rule that wrote it. */
  readonly rule: number;
  /** Index of the rule that wants the served company, or null. */
  readonly asks: number | null;
  readonly problem?: string;
}

/** Fields as conditions name them. The served company is open while nobody has said which it is. */
export function factsOf(context: MappingContext, priority: string | null): Facts {
  const { contact, agent, servedCompany, company, outcome } = context;
  const some = (value: string | null | undefined): readonly string[] => (value === null || value === undefined || value === '' ? [] : [value]);
  const simple: Readonly<Record<string, readonly string[]>> = {
    'contact.name': some(contact.name),
    'contact.company': some(contact.company),
    'agent.name': some(agent.name),
    'agent.email': some(agent.email),
    'agent.team': agent.teams,
    topic: some(context.topic),
    title: some(context.title),
    outcome: some(outcome?.status),
    impact: some(context.impact),
    priority: some(priority),
    helpdesk: some(context.helpdesk),
    channel: some(context.channel),
  };
  const member = (of: MappingContext['company'], name: string) => some(name === 'name' ? of?.name : name === 'brand' ? of?.brand : of?.fields[name]);
  return (field) => {
    const [root = '', name = ''] = field.split('.', 2);
    if (root === 'served_company') return servedCompany === null ? undefined : member(servedCompany, name);
    return root === 'company' ? member(company, name) : simple[field];
  };
}

export function compileSubject(
  section: MappingFile['subject'],
  say: Say,
): (facts: Facts, values: Readonly<Record<string, unknown>>, served: boolean) => SubjectAnswer {
  const rules = section.rules.map((rule) => {
    const text = compileText(rule.text);
    return {
      ...rule,
      text,
      holds: rule.when ? compileCondition(rule.when) : () => true as const,
      wants: rule.ask.includes('served_company') || text.uses.has('served_company'),
    };
  });
  return (facts, values, served) => {
    let asks: number | null = null;
    for (const [index, rule] of rules.entries()) {
      const truth = rule.holds(facts);
      if (truth === false) continue;
      if (rule.wants && !served) asks ??= index;
      // Until the fact is told, the next rule shows what the subject would be without it.
      if (truth === 'open' || (rule.text.uses.has('served_company') && !served)) continue;
      const reason = rule.name ? say('rule', { name: rule.name }) : say('ruleAlways');
      try {
        const whole = rule.text.render(values).replace(/\s+/g, ' ').trim();
        const text = shorten(whole, section.max);
        return { text, reason: text === whole ? reason : `${reason}; ${say('cut', { max: section.max })}`, rule: index, asks };
      } catch (error) {
        return { text: '', reason, rule: index, asks, problem: say('badText', { message: error instanceof Error ? error.message : String(error) }) };
      }
    }
    return { text: '', reason: '', rule: rules.length - 1, asks };
  };
}
