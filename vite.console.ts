/** Builds the console: `vite build --config vite.console.ts`. Nothing inline, so that the server's script-src 'self' holds. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/console',
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    // The first browsers with light-dark(): older targets would have it rewritten to something that Mantine's colour scheme does not switch.
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    // The polyfill would be an inline script, and every browser that runs the console preloads modules by itself.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  worker: { format: 'es' },
});
