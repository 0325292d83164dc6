/** Runs once for all tabs of a browser: holds the one connection to `/api/events` and tells every tab. A tab's death needs no hand-over. */
import { connectLive, type LiveNews } from './live-connection.ts';

interface WorkerScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const ports = new Set<MessagePort>();
let last: LiveNews | undefined;

const connection = connectLive((news) => {
  if (news.kind === 'state') last = news;
  for (const port of ports) port.postMessage(news);
});

(self as unknown as WorkerScope).onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data === 'restart') connection.restart();
    if (data === 'bye') ports.delete(port);
    if (data === 'hello') ports.add(port);
  };
  port.start();
  if (!last) return;
  port.postMessage(last);
  // The connection may have opened before this tab was listed, and after its first reading: what came in between was told to nobody.
  if (last.kind === 'state' && last.live) port.postMessage({ kind: 'gap' } satisfies LiveNews);
};
