/** Messages: each that was acknowledged is in exactly one conversation, once; and each reply reached its customer once. */
import type { Database } from 'better-sqlite3';
import { canary } from './cases.ts';
import { counted, type Finding, times } from './findings.ts';
import type { KeptMessage, Ledger } from './ledger.ts';
import type { Outside } from './outside.ts';

interface Row {
  readonly id: string;
  readonly conversation_id: string;
  readonly kind: string;
  readonly text: string;
  readonly sending: string;
}

export function compareMessages(db: Database, ledger: Ledger): readonly Finding[] {
  const rows = db.prepare<[], Row>('SELECT id, conversation_id, kind, text, sending FROM messages').all();
  const findings: Finding[] = [];
  const places = new Map<number, Set<string>>();
  const known = new Set<string>();
  for (const [word, kept] of ledger.messages) {
    const holding = rows.filter(({ text }) => text.includes(word));
    for (const { id } of holding) known.add(id);
    findings.push(...counted(holding.length, 1, `${kept.kind} message ${word} of case ${kept.case} (${kept.channel}) [${holding.map(({ id }) => id)}]`));
    if (kept.kind !== 'late') places.set(kept.case, new Set([...(places.get(kept.case) ?? []), ...holding.map((row) => row.conversation_id)]));
  }
  for (const [n, conversations] of places)
    if (conversations.size > 1) findings.push({ kind: 'wrong', what: `case ${n} is spread over the conversations ${[...conversations].join(', ')}` });
  // Whoever did not come to an end may have stored a message without being told.
  const extra = ledger.unfinished.size > 0 ? [] : rows.filter(({ id }) => !known.has(id));
  for (const { id, text } of extra) findings.push({ kind: 'doubled', what: `message ${id} was acknowledged to nobody: ${text.slice(0, 80)}` });
  return [...findings, ...compareEndings(db, ledger), ...quarantined(db)];
}

function compareEndings(db: Database, ledger: Ledger): readonly Finding[] {
  const conversation = db.prepare<[string], { ended_by: string | null }>('SELECT ended_by FROM conversations WHERE id = ?');
  return [...ledger.endings].flatMap(([id, kept]): Finding[] =>
    conversation.get(id)?.ended_by === 'vendor' ? [] : [{ kind: 'lost', what: `the vendor's end of conversation ${id} (case ${kept.case})` }],
  );
}

const quarantined = (db: Database): readonly Finding[] =>
  db
    .prepare<[], { id: string; error: string }>(`SELECT id, error FROM arrivals WHERE state = 'quarantined'`)
    .all()
    .map(({ id, error }) => ({ kind: 'wrong', what: `arrival ${id} is quarantined: ${error}` }));

/** What each visitor reads in the widget, by visitor: the texts. */
export type Shown = ReadonlyMap<string, readonly string[]>;

/** A mail whose server fell silent after the body may or may not have left: there is nowhere to look, so a person is asked. Both is right then. */
export function compareReplies(db: Database, ledger: Ledger, outside: Outside, shown: Shown): readonly Finding[] {
  const sending = db.prepare<[string], { sending: string }>('SELECT sending FROM messages WHERE id = ?');
  const seen: Readonly<Record<string, readonly string[]>> = {
    program: outside.posted.map(({ text }) => text),
    mail: outside.mailed.map(({ text }) => text),
    'site-chat': [...shown.values()].flat(),
  };
  const one = ([word, kept]: readonly [string, KeptMessage]): readonly Finding[] => {
    const reached = (seen[kept.channel] ?? []).reduce((sum, text) => sum + times(text, word), 0);
    const what = `reply ${word} of case ${kept.case} (${kept.channel}, message ${kept.id})`;
    const state = sending.get(kept.id ?? '')?.sending;
    if (kept.channel === 'mail' && state === 'unclear') return reached > 1 ? counted(reached, 1, what) : [];
    const unsent: Finding[] = state === 'sent' ? [] : [{ kind: 'wrong', what: `${what} is ${state}` }];
    return [...counted(reached, 1, what), ...unsent];
  };
  const leaks = Object.entries(seen).flatMap(([channel, texts]) =>
    texts.filter((text) => text.includes(canary)).map((text): Finding => ({ kind: 'leaked', what: `a customer of ${channel} reads: ${text.slice(0, 200)}` })),
  );
  return [...[...ledger.messages].filter(([, { kind }]) => kind === 'reply').flatMap(one), ...leaks];
}
