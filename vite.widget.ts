/** Builds the chat widget: one classic script, served as /widget.js. */
import { defineConfig, type Plugin } from 'vite';

/** A page in another encoding than UTF-8 reads a script in its own, so every other letter is written as its code. */
const ascii: Plugin = {
  name: 'ascii',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue;
      file.code = file.code.replace(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
    }
  },
};

export default defineConfig({
  publicDir: false,
  plugins: [ascii],
  build: {
    target: 'es2022',
    outDir: 'dist/widget',
    emptyOutDir: true,
    reportCompressedSize: false,
    lib: { entry: 'connectors/chat-widget/browser/main.ts', formats: ['iife'], name: 'DeskbridgeChat', fileName: () => 'widget.js' },
  },
});
