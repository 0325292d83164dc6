/** A gym's site with the chat widget on it, served by the sandbox alone and from another origin, as on a real site. */
import type { RequestListener } from 'node:http';
import { widgetChannel } from './feed.ts';

const html = (product: string): string => `<!doctype html>
<html lang="pt-BR">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Academia Nova Era</title>
<style>
  body { margin: 0; font: 17px/1.6 system-ui, sans-serif; color: #1c2733; background: #f4f6f8; }
  main { max-width: 40rem; margin: 12vh auto; padding: 0 1.5rem; }
  h1 { font-size: 2.4rem; line-height: 1.15; margin: 0 0 1rem; }
</style>
<main>
  <h1>Academia Nova Era</h1>
  <p>Esta é a página de uma academia inventada. O chat no canto é o do Deskbridge: escreva como cliente e responda como Ana.</p>
  <p>This page belongs to a made-up gym. The chat in the corner is Deskbridge’s: write as a customer and answer as Ana.</p>
</main>
<script src="${product}/widget.js" data-channel="${widgetChannel}" async></script>
</html>
`;

export const demoPage =
  (product: string): RequestListener =>
  (request, response) => {
    if (request.url !== '/') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html(product));
  };
