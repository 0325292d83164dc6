/** Facts of a conversation for planner tests: the gym desk's own mapping, and a helpdesk with what it needs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Decision, DecisionInput, Part } from '../../src/closing/decision.ts';
import { decision } from '../../src/closing/decision.ts';
import type { FactCompany, FactDesk, FactMessage, FactPerson, Facts } from '../../src/closing/facts.ts';
import type { DeskSchema, Ticket } from '../../src/kit/index.ts';
import { compileMapping } from '../../src/mapping/compile.ts';
import type { Mapping } from '../../src/mapping/evaluate.ts';

let compiledOnce: Mapping | undefined;

export function gymMapping(): Mapping {
  compiledOnce ??= compileGym();
  return compiledOnce;
}

function compileGym(): Mapping {
  const path = join(import.meta.dirname, '../../mappings/academias.yaml');
  const compiled = compileMapping(readFileSync(path, 'utf8'), 'mappings/academias.yaml');
  if (!('mapping' in compiled)) throw new Error(compiled.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return compiled.mapping;
}

/** The helpdesk that the gym desk's mapping files into. */
export const gymDesk = 'freshdesk-br';

export const gymSchema: DeskSchema = {
  fields: [
    {
      name: 'cf_produto',
      label: 'Produto',
      type: 'choice',
      required: 'to-resolve',
      choices: ['Catraca', 'Finger', 'Totem', 'Sistema'].map((value) => ({ value, label: value })),
    },
    { name: 'cf_data_retorno', label: 'Data de retorno', type: 'date', required: 'never' },
  ],
  statuses: [
    { id: '2', label: 'Aberto', meaning: 'open', timer: true },
    { id: '3', label: 'Pendente', meaning: 'pending', timer: false },
    { id: '4', label: 'Resolvido', meaning: 'resolved', timer: false },
    { id: '5', label: 'Fechado', meaning: 'closed', timer: false },
    { id: '6', label: 'Esperando o cliente', meaning: 'waiting', timer: false },
    { id: '7', label: 'Visita presencial', meaning: 'hold', timer: false },
  ],
  priorities: [
    { value: '1', label: 'Low' },
    { value: '2', label: 'Medium' },
    { value: '3', label: 'High' },
    { value: '4', label: 'Urgent' },
  ],
  groups: ['Hardware', 'Software', 'Campo', 'Plantão'].map((label, index) => ({ value: String(index + 10), label })),
  agents: [{ id: '100', name: 'Ana', email: 'ana@example.com' }],
};

export const corpoVivo: FactCompany = { id: 'co-1', name: 'Academia Corpo Vivo', brand: null, fields: {} };
export const fitPrime: FactCompany = { id: 'co-2', name: 'Fit Prime', brand: 'ifitness', fields: {} };
export const micro: FactCompany = { id: 'co-3', name: 'Micro University', brand: null, fields: {} };
export const maria: FactPerson = {
  id: 'maria',
  name: 'Maria Souza',
  identities: [{ kind: 'email', value: 'maria@corpovivo.example', verified: true }],
  companies: [corpoVivo],
};

export function desk(more: Partial<FactDesk> = {}): FactDesk {
  return {
    name: gymDesk,
    title: 'Helpdesk BR',
    capabilities: { privateFirstComment: false, maxFileBytes: 20e6, maxTicketBytes: 20e6, companies: true, closedIsFinal: false },
    schema: gymSchema,
    reachable: true,
    mails: null,
    requesters: {},
    companies: {},
    tickets: {},
    ...more,
  };
}

const start = Date.parse('2026-11-19T12:00:00Z');

export const said = (id: string, text: string, more: Partial<FactMessage> = {}): FactMessage => ({
  id,
  at: start + Number(id.replace(/\D/g, '') || 0) * 60_000,
  role: 'contact',
  author: 'Maria Souza',
  kind: 'public',
  text,
  quoted: null,
  subject: null,
  automatic: false,
  deleted: false,
  files: [],
  filed: false,
  ...more,
});

export function facts(messages: readonly FactMessage[], more: Partial<Facts> = {}): Facts {
  return {
    now: Date.parse('2026-11-19T19:00:00Z'),
    conversation: { id: 'conversation', channel: 'freshchat', version: 3, open: true },
    messages,
    contact: maria,
    people: { maria },
    companies: { [corpoVivo.id]: corpoVivo, [fitPrime.id]: fitPrime, [micro.id]: micro },
    agent: { id: 'ana', name: 'Ana', email: 'ana@example.com', teams: [] },
    mapping: gymMapping(),
    desks: { [gymDesk]: desk() },
    ...more,
  };
}

export const ticket = (id: string, status: string, more: Partial<Ticket> = {}): Ticket & { fields: Record<string, unknown> } => ({
  ref: { helpdesk: gymDesk, id, number: id, url: `https://desk.example/${id}` },
  subject: `Ticket ${id}`,
  status,
  priority: '2',
  requester: null,
  company: null,
  assignee: null,
  group: null,
  due: null,
  createdAt: start - 2 * 86_400_000,
  updatedAt: start - 86_400_000,
  tags: [],
  fields: {},
  ...more,
});

/** A part that lacks nothing, to be spoiled by tests. */
export const aPart = (key: string, messages: readonly string[], more: Partial<Part> = {}) => ({
  key,
  messages: [...messages],
  target: { kind: 'new' as const },
  title: 'Catraca não libera',
  topic: 'catraca',
  summary: 'Problema: catraca travada\nFeito: reinício\nFalta: visita técnica',
  impact: 'contorno',
  outcome: { status: 'pendente', date: null },
  ...more,
});

export const decide = (input: DecisionInput): Decision => decision.parse(input);
