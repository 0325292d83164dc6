/** The one door: everything that a connector may import. */
export * from './blobs.ts';
export * from './channel.ts';
export * from './connector.ts';
export * from './conversation.ts';
export * from './egress.ts';
export * from './errors.ts';
export * from './helpdesk.ts';
export * from './http.ts';
export * from './json.ts';
export * from './operation.ts';
export * from './ports.ts';
export * from './render.ts';
export * from './secret.ts';
export * from './signatures.ts';
export * from './step.ts';
export * from './target.ts';
export * from './text.ts';
