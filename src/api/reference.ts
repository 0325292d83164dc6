/** The rendered API reference: Swagger UI from its package, started by a script of our own, since no inline script may run. */
import { join } from 'node:path';
import { Router } from 'express';

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Deskbridge API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<div id="reference"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script><script src="/api/docs/start.js"></script></html>`;

const start = `window.ui = SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#reference', deepLinking: true, requestInterceptor: (request) => { request.headers['X-Deskbridge'] = '1'; return request; } });`;

export function reference(folder: string): Router {
  const router = Router();
  router.get('/', (_request, response) => void response.type('html').send(page));
  router.get('/start.js', (_request, response) => void response.type('js').send(start));
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) router.get(`/${file}`, (_request, response) => response.sendFile(join(folder, file)));
  return router;
}
