/** A connector's declaration: plain data and one factory. The folder's name is its id. */
import type { z } from 'zod';
import type { Channel, ChannelCapabilities } from './channel.ts';
import type { Helpdesk, HelpdeskCapabilities } from './helpdesk.ts';
import type { Context } from './ports.ts';

interface Definition<Kind, Schema extends z.ZodType, Capabilities, Instance> {
  readonly kind: Kind;
  /** Equals the folder's name. Stored in the database, so it never changes. */
  readonly id: string;
  readonly title: string;
  /** One schema drives start-up validation, redaction, the README's table and the console's page. */
  readonly settings: Schema;
  readonly capabilities: Capabilities;
  create(context: Context<z.output<Schema>>): Instance;
}

// biome-ignore lint/suspicious/noExplicitAny: settings differ by connector; the registry only hands them on.
export type ChannelDefinition<S extends z.ZodType = any> = Definition<'channel', S, ChannelCapabilities, Channel>;
// biome-ignore lint/suspicious/noExplicitAny: settings differ by connector; the registry only hands them on.
export type HelpdeskDefinition<S extends z.ZodType = any> = Definition<'helpdesk', S, HelpdeskCapabilities, Helpdesk>;
export type ConnectorDefinition = ChannelDefinition | HelpdeskDefinition;

/** Typed identity functions: they infer the settings for `create` and register nothing. */
export const defineChannel = <S extends z.ZodType>(definition: Omit<ChannelDefinition<S>, 'kind'>): ChannelDefinition<S> => ({
  kind: 'channel',
  ...definition,
});
export const defineHelpdesk = <S extends z.ZodType>(definition: Omit<HelpdeskDefinition<S>, 'kind'>): HelpdeskDefinition<S> => ({
  kind: 'helpdesk',
  ...definition,
});
