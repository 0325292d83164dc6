/** Files up and down, in two steps each way. "Media": upload, URL, download; limits of "Supported media types". */
import { createHash, randomBytes } from 'node:crypto';
import { type Request, Router } from 'express';
import { noSuch, Refusal, Unknown } from './refusal.ts';
import type { Media, State } from './state.ts';

const megabyte = 2 ** 20;
const day = 24 * 3_600_000;
const addressMs = 5 * 60_000;

const limits: Readonly<Record<string, number>> = {
  ...Object.fromEntries(['image/jpeg', 'image/png'].map((mime) => [mime, 5 * megabyte])),
  'image/webp': 500 * 1024,
  ...Object.fromEntries(['video/mp4', 'video/3gpp', 'audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'].map((mime) => [mime, 16 * megabyte])),
  ...Object.fromEntries(
    [
      'text/plain',
      'application/pdf',
      'application/msword',
      'application/vnd.ms-excel',
      'application/vnd.ms-powerpoint',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    ].map((mime) => [mime, 100 * megabyte]),
  ),
};

/** Keeps a file under a new id; from a webhook it lives for 7 days. */
export function keep(state: State, file: { bytes: Buffer; mime: string; name: string }, days: 7 | 30): Media {
  const media: Media = { id: state.newId(''), ...file, expiresAt: state.now() + days * day };
  state.media.set(media.id, media);
  return media;
}

export const sha256Of = ({ bytes }: Media): string => createHash('sha256').update(bytes).digest('base64');

/** An address for five minutes. */
export function addressOf(state: State, media: Media, base: string): string {
  const secret = randomBytes(12).toString('hex');
  state.addresses.set(secret, { media, expiresAt: state.now() + addressMs });
  return `${base}/whatsapp_business/attachments/?mid=${media.id}&ext=${secret}`;
}

const baseOf = (request: Request): string => `${request.protocol}://${request.headers.host ?? ''}`;

export function media(state: State): Router {
  const router = Router();
  router.post(`/${state.phoneNumberId}/media`, async (request, response) => {
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    const form = await new Response(new Uint8Array(request.body as Buffer), { headers }).formData().catch(() => {
      throw new Refusal(400, 100, 'Param file must be a file with one of the following types: …');
    });
    for (const name of form.keys())
      if (!['messaging_product', 'type', 'file'].includes(name)) throw new Unknown(`the field "${name}" of an upload is not documented`);
    if (form.get('messaging_product') !== 'whatsapp') throw new Refusal(400, 100, 'The parameter messaging_product is required.');
    const file = form.get('file');
    if (!(file instanceof File)) throw new Refusal(400, 100, 'The parameter file is required.');
    const mime = file.type.split(';')[0] ?? '';
    const most = limits[mime];
    if (most === undefined)
      throw new Refusal(
        400,
        100,
        `Param file must be a file with one of the following types: ${Object.keys(limits).join(', ')}. Received file of type '${mime}'.`,
      );
    if (form.get('type') !== mime) throw new Refusal(400, 100, 'Param type must be the type of the file.');
    if (file.size > most) throw new Refusal(400, 131053, 'Media upload error', { details: `the file is larger than ${most} bytes` });
    response.json({ id: keep(state, { bytes: Buffer.from(await file.arrayBuffer()), mime, name: file.name }, 30).id });
  });
  router.get('/:id', (request, response, next) => {
    const found = state.media.get(request.params.id);
    if (!found) return next();
    if (found.expiresAt <= state.now()) throw noSuch(found.id);
    const { phone_number_id: number } = request.query;
    if (number !== undefined && number !== state.phoneNumberId) throw noSuch(found.id);
    response.json({
      messaging_product: 'whatsapp',
      url: addressOf(state, found, baseOf(request)),
      mime_type: found.mime,
      sha256: sha256Of(found),
      file_size: found.bytes.length,
      id: found.id,
    });
  });
  return router;
}

/** What lies behind an address: the token is needed here too. */
export function files(state: State, isToken: (request: Request) => boolean): Router {
  const router = Router();
  router.get('/whatsapp_business/attachments/', (request, response) => {
    const { mid, ext } = request.query;
    const found = state.addresses.get(String(ext));
    if (!isToken(request)) return void response.status(401).type('text').send('');
    if (!request.headers['user-agent']) return void response.status(400).type('text').send('');
    if (!found || found.media.id !== mid || found.expiresAt <= state.now()) return void response.status(404).type('text').send('');
    response.type(found.media.mime).send(found.media.bytes);
  });
  return router;
}
