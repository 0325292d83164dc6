/** Static files: the console, the widget's script, the API reference; and the headers that keep a hostile text from running. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';
import helmet from 'helmet';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const consoleFolder = join(root, 'dist/console');
const widgetFile = join(root, 'dist/widget/widget.js');

/** HSTS and upgrade-insecure-requests only where people reach us by https. */
export function securityHeaders(https: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        frameSrc: ["'self'"],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(https ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: https,
    crossOriginEmbedderPolicy: false,
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}

export function pages(): Router {
  const router = Router();
  router.get('/widget.js', (_request, response) => {
    // Any site may load it, and gets the newest within minutes of an upgrade.
    response.set({ 'cross-origin-resource-policy': 'cross-origin', 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' });
    response.sendFile(widgetFile);
  });
  router.use('/assets', express.static(join(consoleFolder, 'assets'), { immutable: true, maxAge: '1y', fallthrough: false }));
  router.use(express.static(consoleFolder, { index: false }));
  router.get('/{*path}', (request, response, next) => {
    if (request.path.startsWith('/api/') || request.path.startsWith('/hooks/')) return next();
    response.set('cache-control', 'no-cache').sendFile(join(consoleFolder, 'index.html'));
  });
  return router;
}

/** What a start without a build would lack. */
export const missingBuild = (): boolean => !existsSync(join(consoleFolder, 'index.html')) || !existsSync(widgetFile);
