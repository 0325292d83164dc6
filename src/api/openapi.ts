/** The OpenAPI document, made from the same declarations that Express is fed from. */
import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import type { z } from 'zod';
import { problem } from './contract.ts';
import type { RouteSpec } from './route.ts';

const json = (schema: z.ZodType): { 'application/json': { schema: z.ZodType } } => ({ 'application/json': { schema } });
const refusal = (description: string) => ({ description, content: { 'application/problem+json': { schema: problem } } });

function responses(spec: RouteSpec): RouteConfig['responses'] {
  const errors = {
    400: refusal('Not understood'),
    ...(spec.role === 'anyone' ? {} : { 401: refusal('Not signed in') }),
    ...(spec.role === 'admin' ? { 403: refusal('Administrators only') } : {}),
  };
  if (spec.answer === null) return { 204: { description: 'Done' }, ...errors };
  if (spec.answer === 'stream') return { 200: { description: spec.summary }, ...errors };
  return { [spec.status ?? 200]: { description: spec.summary, content: json(spec.answer) }, ...errors };
}

export function openApiDocument(specs: readonly RouteSpec[], version: string): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'session', { type: 'apiKey', in: 'cookie', name: 'better-auth.session_token' });
  for (const spec of specs) {
    registry.registerPath({
      method: spec.method,
      path: spec.path,
      summary: spec.summary,
      tags: [spec.path.split('/')[2] ?? 'api'],
      ...(spec.role === 'anyone' ? {} : { security: [{ token: [] }, { session: [] }] }),
      request: {
        ...(spec.params ? { params: spec.params as z.ZodObject } : {}),
        ...(spec.query ? { query: spec.query as z.ZodObject } : {}),
        ...(spec.headers ? { headers: spec.headers } : {}),
        ...(spec.body ? { body: { required: true, content: json(spec.body) } } : {}),
      },
      responses: responses(spec),
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Deskbridge', version, description: 'Finished chats become helpdesk tickets. Times are epoch milliseconds; errors are RFC 9457 problems.' },
  });
}
