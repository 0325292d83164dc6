/** The chat widget: `<script src="https://host/widget.js" data-channel="site-chat"></script>`. */
import { CallError, type Config, createApi } from './api.ts';
import { createKeep } from './keep.ts';
import { mount } from './widget.ts';

const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript : document.querySelector<HTMLScriptElement>('script[data-channel]');

async function begin(tag: HTMLScriptElement): Promise<void> {
  const channel = tag.dataset.channel;
  if (!channel) return console.error('Deskbridge: the script tag needs data-channel="<name of the channel>".');
  const base = new URL(`hooks/${encodeURIComponent(channel)}`, new URL('.', tag.src)).href;
  const keep = createKeep(base);
  const api = createApi(base, keep);
  const start = (config: Config): void => mount({ config, api, keep, channel, wish: tag.dataset.language });

  const known = keep.get<Config>('config');
  for (let attempt = 0; attempt < 6; attempt += 1) {
    try {
      const config = await (known ? soon(api.config()) : api.config());
      keep.set('config', config);
      return start(config);
    } catch (error) {
      if (error instanceof CallError && (error.status === 404 || error.status === 403)) {
        const why = error.status === 404 ? 'there is no such chat channel' : 'this site is not among its allowedOrigins';
        return console.error(`Deskbridge: the chat "${channel}" cannot be shown: ${why}.`);
      }
      // With the last known texts the bubble appears without a network, so that a message can be written and kept.
      if (known) return start(known);
      await new Promise((resolve) => setTimeout(resolve, 2000 * 2 ** attempt));
    }
  }
}

/** A visitor who was here before does not wait for a slow network to see the bubble. */
const soon = <T>(answer: Promise<T>): Promise<T> => Promise.race([answer, new Promise<T>((_, reject) => setTimeout(() => reject(new CallError(0)), 3000))]);

if (script) {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', () => void begin(script));
  else void begin(script);
}
