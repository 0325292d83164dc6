/** The OpenAPI document, made from the same declarations that Express is fed from. */
import { z } from 'zod';
import { problem } from './contract.ts';
import type { RouteSpec } from './route.ts';

type Schema = Record<string, unknown>;

/** OpenAPI 3.1 schemas are JSON Schema, which zod writes itself. `io`: what callers send, or what they get. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _dialect, $defs: _recursive, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as Schema;
  return withoutReferences(rest) as Schema;
}

/** The one recursive shape is "any JSON", which is what an empty schema says; its references would point nowhere in this document. */
function withoutReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (value === null || typeof value !== 'object') return value;
  if ('$ref' in value) return {};
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutReferences(inner)]));
}

const json = (schema: Schema) => ({ 'application/json': { schema } });
const refusal = (description: string) => ({ description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } });

function parameters(spec: RouteSpec): Schema[] {
  return (
    [
      ['path', spec.params],
      ['query', spec.query],
      ['header', spec.headers],
    ] as const
  ).flatMap(([place, shape]) => {
    const { properties = {}, required = [] } = shape ? (schemaOf(shape, 'input') as { properties?: Record<string, Schema>; required?: string[] }) : {};
    return Object.entries(properties).map(([name, schema]) => ({ name, in: place, required: place === 'path' || required.includes(name), schema }));
  });
}

function responses(spec: RouteSpec): Schema {
  const errors = {
    400: refusal('Not understood'),
    ...(spec.role === 'anyone' ? {} : { 401: refusal('Not signed in') }),
    ...(spec.role === 'admin' ? { 403: refusal('Administrators only') } : {}),
  };
  if (spec.answer === null) return { 204: { description: 'Done' }, ...errors };
  if (spec.answer === 'stream') return { 200: { description: spec.summary }, ...errors };
  return { [spec.status ?? 200]: { description: spec.summary, content: json(schemaOf(spec.answer, 'output')) }, ...errors };
}

function operation(spec: RouteSpec): Schema {
  const given = parameters(spec);
  return {
    summary: spec.summary,
    tags: [spec.path.split('/')[2] ?? 'api'],
    ...(spec.role === 'anyone' ? {} : { security: [{ token: [] }, { session: [] }] }),
    ...(given.length ? { parameters: given } : {}),
    ...(spec.body ? { requestBody: { required: true, content: json(schemaOf(spec.body, 'input')) } } : {}),
    responses: responses(spec),
  };
}

export function openApiDocument(specs: readonly RouteSpec[], version: string): object {
  const byPath = Map.groupBy(specs, ({ path }) => path);
  return {
    openapi: '3.1.0',
    info: { title: 'Deskbridge', version, description: 'Finished chats become helpdesk tickets. Times are epoch milliseconds; errors are RFC 9457 problems.' },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: 'better-auth.session_token' } },
      schemas: { Problem: schemaOf(problem, 'output') },
    },
    paths: Object.fromEntries([...byPath].map(([path, list]) => [path, Object.fromEntries(list.map((spec) => [spec.method, operation(spec)]))])),
  };
}
