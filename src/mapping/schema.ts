/** What a mapping file may say. The JSON Schema that editors complete by is generated from here. */
import { z } from 'zod';
import { CalendarSection } from './schema-calendar.ts';
import { ConditionSchema, Duration, Name, PerHelpdesk, TimeOfDay, text } from './schema-parts.ts';
import { DueWriteSection, FieldsByHelpdesk, ImpactLevel, StatusRow, Topic } from './schema-values.ts';

const SubjectRule = z
  .strictObject({
    name: z.string().min(1).optional().describe('What the rule is called where a value says why.'),
    when: ConditionSchema.optional().describe('Without it the rule always holds; the last rule must.'),
    ask: z
      .array(z.literal('served_company'))
      .default([])
      .describe('What must be known before the rule can be decided: it is asked for while only this is open.'),
    text: text().describe('The subject, in Liquid: "{{ served_company.name }} - {{ title }}".'),
  })
  .describe('A way to write the subject.');

const SubjectSection = z
  .strictObject({
    propose: z
      .array(z.enum(['topic.title', 'first_problem_sentence']))
      .default(['topic.title', 'first_problem_sentence'])
      .describe('Titles to offer, best first.'),
    max: z.int().min(10).max(255).default(80).describe('Longest subject, in characters.'),
    rules: z.array(SubjectRule).min(1).describe('The first that holds writes the subject.'),
  })
  .describe('The subject of the ticket.');

const SummarySection = z
  .strictObject({
    required: z.boolean().default(true),
    min: z.int().min(0).max(1000).default(15).describe('Fewest characters that count as a summary.'),
    template: text(['title']).default('').describe('Prefilled; Liquid with {{ title }}.'),
    new: z.enum(['ticket-summary', 'private-note']).default('ticket-summary').describe("Where a new ticket's summary goes."),
    append: z.literal('private-note').default('private-note').describe("Where an existing ticket's goes."),
  })
  .describe('The summary of the service given.');

const LateSection = z
  .strictObject({
    courtesy: z
      .strictObject({ note: z.boolean().default(true), reopen: z.boolean().default(false) })
      .prefault({})
      .describe('What a mere "obrigada!" does.'),
    within: Duration.default('24h').describe('How long after the closing a message still belongs to its ticket.'),
    to: z.literal('ticket-of-topic').default('ticket-of-topic'),
    status: Name.optional().describe('A key of `statuses` that the ticket gets when the message is more than a courtesy.'),
    else: z.literal('new-conversation').default('new-conversation'),
  })
  .describe('Messages that arrive after the closing.');

const EndedSection = z
  .strictObject({ remind_agent: Duration.optional(), tell_lead_at: TimeOfDay.optional() })
  .catchall(z.enum(['ask', 'propose-pending', 'ignore']))
  .describe('What happens to conversations that are ended in the channel without a ticket, by channel.');

const TodaySection = z
  .strictObject({
    title: z.string().min(1).optional(),
    statuses: z.array(Name).min(1).describe('Keys of `statuses` whose tickets are work.'),
    also: z.array(z.enum(['overdue', 'no-due-date', 'unknown-status'])).default([]),
    empty_by: TimeOfDay.optional(),
  })
  .describe("The view of today's work.");

const Example = z
  .strictObject({
    now: z
      .string()
      .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/, 'must be like 2026-11-19T16:00')
      .optional()
      .describe("In the calendar's time zone."),
    helpdesk: Name.optional(),
    channel: Name.optional(),
    contact: z.string().optional().describe('The company of the person who writes.'),
    agent: z.string().optional().describe("The agent's team."),
    served: z.string().optional().describe('Name of the company served.'),
    brand: z.string().optional().describe('Its brand. Left out, the brand is open, and the example says under which assumption it holds.'),
    title: z.string().optional(),
    message: z.string().optional().describe("A customer's message, to test topics and courtesies."),
    topic: Name.optional(),
    impact: Name.optional(),
    status: Name.optional().describe('How it ended: a key of `statuses`.'),
    date: z.string().optional().describe('YYYY-MM-DD or to-be-agreed.'),
    subject: z.string().optional().describe('Expected.'),
    due: z
      .union([z.string().regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d)?$/, 'must be like 2026-11-23T18:00 or 2026-11-23'), z.null()])
      .optional()
      .describe('Expected due date; null for none.'),
    due_field: z.string().optional().describe('Expected field that the helpdesk gets the due date in.'),
    priority: z.string().optional().describe('Expected.'),
    group: z.string().optional().describe('Expected.'),
    ticket_status: z.string().optional().describe("Expected status, in the helpdesk's words."),
    topics: z.array(Name).optional().describe('Expected topics of `message`.'),
    courtesy: z.boolean().optional().describe('Whether `message` is expected to be a mere courtesy.'),
    asks: z.array(z.string()).optional().describe('What is expected to be asked for.'),
    notify: z.array(z.string()).optional().describe('Expected.'),
  })
  .describe('A case that must come out as said; run by `deskbridge mapping check`.');

export const LANGUAGES = ['en', 'pt-BR', 'de', 'it', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];

export const WORD_KEYS = [
  'transcript',
  'summary',
  'internal',
  'seeAlso',
  'followUp',
  'files',
  'notTranscribed',
  'notLoaded',
  'notAttached',
  'deleted',
  'edited',
  'conversation',
  'contacted',
  'ticket',
  'unfiled',
] as const;

export const MappingFile = z
  .strictObject({
    version: z.literal(1).describe('Of this format.'),
    language: z.enum(LANGUAGES).default('pt-BR').describe('Language of the texts we write into tickets and of the reasons shown to agents.'),
    for: z
      .strictObject({
        channels: z
          .union([z.literal('any'), z.array(Name).min(1)])
          .describe('Configured names. A channel belongs to one mapping; `any` takes those that no other file names.'),
      })
      .describe('Which conversations this file is for.'),
    helpdesk: Name.describe('The configured helpdesk that new tickets go to.'),
    company: z
      .strictObject({ source: Name.describe('The helpdesk that keeps the companies.'), brand: Name.optional().describe('Its field with the brand.') })
      .optional(),
    subject: SubjectSection,
    summary: SummarySection.prefault({}),
    impact: z.array(ImpactLevel).min(1).describe('"What is the customer losing?", as facts. Nothing is preselected.'),
    calendar: CalendarSection,
    statuses: z.record(Name, StatusRow).describe('How it ended, in the order in which it is offered.'),
    due_write: DueWriteSection.optional(),
    group: PerHelpdesk.optional().describe('The group of tickets that nothing else gives one.'),
    fields: FieldsByHelpdesk.optional().describe('Fields of every ticket; texts may be Liquid. By helpdesk where its keys are helpdesks.'),
    tags: z.array(Name).default([]).describe('Tags of every ticket.'),
    topics: z.record(Name, Topic).default({}).describe('What conversations are about.'),
    courtesy: z
      .array(z.string().min(1))
      .default([])
      .describe('Messages that are nothing but this travel with all topics and never block. `*` stands for any letters.'),
    append: z
      .strictObject({
        candidates: z.enum(['company', 'contact']).default('company'),
        window_days: z.int().min(1).max(3650).default(90),
        ticket_status: z.literal('keep').default('keep'),
      })
      .prefault({})
      .describe('Which existing tickets are offered.'),
    ended_elsewhere: EndedSection.optional(),
    late_messages: LateSection.optional(),
    today: TodaySection.optional(),
    words: z.partialRecord(z.enum(WORD_KEYS), z.string().min(1)).default({}).describe("Headings in the tickets, where the language's own do not fit."),
    examples: z.array(Example).default([]),
  })
  .describe('A mapping: how conversations become tickets.');

export type MappingFile = z.output<typeof MappingFile>;
export type ExampleCase = MappingFile['examples'][number];

/** The JSON Schema (draft 2020-12) of a mapping file, as text of mappings/schema.json. */
export const jsonSchema = (): Record<string, unknown> => ({ ...z.toJSONSchema(MappingFile, { io: 'input' }), title: 'Deskbridge mapping' });
export const jsonSchemaText = (): string => `${JSON.stringify(jsonSchema(), null, 2)}\n`;
