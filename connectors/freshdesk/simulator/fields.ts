/** The account's ticket fields, in the shapes of "List All Ticket Fields": those of a support desk for gyms, which a test or the sandbox may replace. */
import type { Agent } from './state.ts';

export interface Field {
  readonly id: number;
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly default: boolean;
  readonly required_for_agents: boolean;
  readonly required_for_closure: boolean;
  readonly choices?: unknown;
  readonly nested_ticket_fields?: readonly { readonly name: string; readonly label: string; readonly level: number }[];
}

type Given = Pick<Field, 'name' | 'label' | 'type'> & Partial<Field>;

const complete = (fields: readonly Given[]): Field[] =>
  fields.map((field, index) => ({
    id: 7000 + index,
    default: field.type.startsWith('default_'),
    required_for_agents: false,
    required_for_closure: false,
    description: field.label,
    position: index + 1,
    required_for_customers: false,
    label_for_customers: field.label,
    customers_can_edit: false,
    displayed_to_customers: field.type.startsWith('default_'),
    ...field,
  }));

export const agents: readonly Agent[] = [
  { id: 80_001, name: 'Ana Lima', email: 'ana@suporte.example' },
  { id: 80_002, name: 'Bruno Reis', email: 'bruno@suporte.example' },
];

/** Statuses 2 to 5 are Freshdesk's; 6 to 8 are the account's own, and the ids are not in order on purpose. */
const statuses: Readonly<Record<string, readonly [agents: string, customers: string]>> = {
  '2': ['Aberto', 'Em atendimento'],
  '3': ['Pendente', 'Aguardando sua resposta'],
  '4': ['Resolvido', 'Resolvido'],
  '5': ['Fechado', 'Fechado'],
  '8': ['Visita presencial', 'Visita agendada'],
  '6': ['Esperando o cliente', 'Aguardando sua resposta'],
  '7': ['Aguardando terceiros', 'Em atendimento'],
};

export const gymFields: readonly Field[] = complete([
  { name: 'requester', label: 'Search a requester', type: 'default_requester', required_for_agents: true },
  { name: 'subject', label: 'Assunto', type: 'default_subject', required_for_agents: true },
  { name: 'ticket_type', label: 'Tipo', type: 'default_ticket_type', choices: ['Pergunta', 'Incidente', 'Problema'] },
  {
    name: 'source',
    label: 'Origem',
    type: 'default_source',
    choices: { Email: 1, Portal: 2, Telefone: 3, Chat: 7, 'Feedback Widget': 9, 'Outbound Email': 10 },
  },
  { name: 'status', label: 'Status', type: 'default_status', required_for_agents: true, choices: statuses },
  { name: 'priority', label: 'Prioridade', type: 'default_priority', required_for_agents: true, choices: { Baixa: 1, Média: 2, Alta: 3, Urgente: 4 } },
  { name: 'group', label: 'Grupo', type: 'default_group', choices: { Hardware: 901, Software: 902, Campo: 903, Plantão: 904 } },
  { name: 'agent', label: 'Agente', type: 'default_agent', choices: Object.fromEntries(agents.map(({ name, id }) => [name, id])) },
  { name: 'product', label: 'Produto', type: 'default_product', choices: {} },
  { name: 'description', label: 'Descrição', type: 'default_description', required_for_agents: true },
  { name: 'company', label: 'Empresa', type: 'default_company' },
  { name: 'cf_produto', label: 'Produto', type: 'custom_dropdown', required_for_closure: true, choices: ['Catraca', 'Finger', 'Totem', 'Sistema'] },
  { name: 'cf_data_retorno', label: 'Data de retorno', type: 'custom_date' },
  { name: 'cf_operacao', label: 'Operação', type: 'custom_text' },
  { name: 'cf_serie', label: 'Número de série', type: 'custom_number' },
  { name: 'cf_garantia', label: 'Em garantia', type: 'custom_checkbox' },
  {
    name: 'cf_local',
    label: 'Local',
    type: 'nested_field',
    choices: [{ Entrada: [{ Catraca: ['Braço', 'Leitor'] }, { Portão: [] }] }, { Balcão: [] }],
    nested_ticket_fields: [
      { name: 'cf_equipamento', label: 'Equipamento', level: 2 },
      { name: 'cf_peca', label: 'Peça', level: 3 },
    ],
  },
]);
