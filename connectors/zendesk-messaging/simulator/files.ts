/** Files go up by the API, and are read at addresses of the vendor's own host. */
import type { Express } from 'express';
import type { SimulatedFile } from '../../../src/kit/simulator.ts';
import { checkAccess, type Key } from './access.ts';
import { readUpload } from './posting.ts';
import { badRequest, Refusal, unknown } from './refusal.ts';
import type { SimFile, SimState } from './state.ts';

export interface FileOptions {
  readonly appId: string;
  readonly key: Key;
  readonly now: () => number;
  readonly privateFiles: boolean;
}

function keep(state: SimState, file: SimFile, origin: string): { mediaUrl: string; mediaType: string; mediaSize: number } {
  const id = state.id();
  state.files.set(id, file);
  return { mediaUrl: `${origin}/sc/attachments/v2/${id}/${encodeURIComponent(file.name)}`, mediaType: file.mime, mediaSize: file.bytes.length };
}

/** The content of a message with a file that somebody sent. */
export const sendFile = (state: SimState, file: SimulatedFile, origin: string) => ({
  type: file.mime.startsWith('image/') ? 'image' : 'file',
  altText: file.name,
  ...keep(state, file, origin),
});

export function fileRoutes(app: Express, state: SimState, { appId, key, now, privateFiles }: FileOptions): void {
  app.post(`/sc/v2/apps/${appId}/attachments`, async (request, response) => {
    checkAccess(request.headers.authorization, key, now());
    const { access, for: use, conversationId, ...other } = request.query;
    if (access !== 'public') throw badRequest('"access" must be public');
    if (use !== undefined && use !== 'message') throw badRequest('"for" must be message');
    if (conversationId !== undefined) state.need(String(conversationId));
    const [odd] = Object.keys(other);
    if (odd) throw unknown(`the parameter ${odd} of an upload`);
    const file = await readUpload(request.headers['content-type'], request.body as Buffer);
    const { mediaUrl, mediaType } = keep(state, file, `${request.protocol}://${request.headers.host}`);
    response.status(201).json({ attachment: { mediaUrl, mediaType } });
  });

  app.get('/sc/attachments/v2/:id/:name', (request, response) => {
    if (privateFiles) checkAccess(request.headers.authorization, key, now());
    const file = state.files.get(request.params.id);
    if (!file) throw new Refusal(404, 'not_found', 'Resource not found');
    response.type(file.mime).send(file.bytes);
  });
}
