/** What visitors of the widget see, read as the widget reads it. */
import type { ServerUnderTest } from './server.ts';

/** The texts of one visitor's conversations, up to the line that says that this was all so far. */
export async function shownTo(server: ServerUnderTest, token: string): Promise<readonly string[]> {
  const stop = new AbortController();
  const response = await fetch(`${server.url}/hooks/site-chat/stream`, { headers: { authorization: `Bearer ${token}` }, signal: stop.signal });
  if (response.status === 429) return new Promise((resolve) => setTimeout(() => resolve(shownTo(server, token)), 500));
  if (!response.ok || !response.body) throw new Error(`the widget's stream answered ${response.status}`);
  let read = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    read += chunk;
    if (read.includes('{"type":"ready"}')) break;
  }
  stop.abort();
  const lines = read.split('\n').filter((line) => line.startsWith('{"type":"message"'));
  return lines.map((line) => (JSON.parse(line) as { message: { text: string } }).message.text);
}
