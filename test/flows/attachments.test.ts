/** Files on their whole way: from a visitor or an agent to the tickets, and back to the visitor, byte for byte and to nobody else. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClosingView, ConversationDetail, MessageView } from '../../src/api/contract.ts';
import { type Journey, startJourney } from '../support/journey.ts';
import { sha256 } from '../support/mail-desk.ts';

const channel = 'widget-site';
const part = (key: string, target: object, messages: readonly string[]) => ({
  key,
  topic: 'sistema',
  target: { kind: 'new' as const, ...target },
  title: 'Arquivos do cliente',
  summary: 'Problema: arquivos\nFeito: recebidos\nFalta: análise',
  impact: 'duvida',
  outcome: { status: 'pendente' },
  messages: [...messages],
});

let day: Journey;
beforeAll(async () => {
  day = await startJourney();
});
afterAll(() => day?.stop());

interface File {
  readonly name: string;
  readonly bytes: Buffer;
}
const seen = ({ name, bytes }: File) => [name, bytes.length, sha256(bytes)];

/** A visitor of the site, who sends and reads as the widget does. */
async function visitor(name: string) {
  const hook = `${day.url}/hooks/${channel}`;
  const { token } = (await (await fetch(`${hook}/session`, { method: 'POST', body: '{}' })).json()) as { token: string };
  const authorization = `Bearer ${token}`;
  const upload = (file: File) =>
    fetch(`${hook}/files?name=${encodeURIComponent(file.name)}`, { method: 'PUT', headers: { authorization }, body: new Uint8Array(file.bytes) });
  return {
    upload,
    async send(text: string, files: readonly File[]): Promise<ConversationDetail> {
      const ids: string[] = [];
      for (const file of files) ids.push(((await (await upload(file)).json()) as { id: string }).id);
      const body = JSON.stringify({ id: crypto.randomUUID(), text, name, files: ids.map((id) => ({ id })) });
      const sent = await fetch(`${hook}/messages`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body });
      expect(sent.status).toBe(201);
      return day.detail((await day.inbox(channel))[0]?.id ?? '');
    },
    /** What stands in the visitor's chat once it has `count` messages. */
    async reads(count: number): Promise<{ text: string; files: { id: string; name: string; ready: boolean }[] }[]> {
      const stop = new AbortController();
      const { body } = await fetch(`${hook}/stream`, { headers: { authorization }, signal: stop.signal });
      const messages = new Map<string, { text: string; files: { id: string; name: string; ready: boolean }[] }>();
      let rest = '';
      if (body)
        for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines.map((one) => JSON.parse(one))) if (line.type === 'message') messages.set(line.message.id, line.message);
          if (messages.size >= count) break;
        }
      stop.abort();
      return [...messages.values()];
    },
    async loads(id: string): Promise<{ status: number; bytes: Buffer }> {
      const response = await fetch(`${hook}/files/${id}`, { headers: { authorization } });
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
    },
  };
}

async function keep({ name, bytes }: File): Promise<{ sha256: string; name: string; mime: string; size: number }> {
  const headers = { authorization: `Bearer ${day.token}`, 'content-type': 'application/octet-stream' };
  const response = await fetch(`${day.url}/api/files?name=${encodeURIComponent(name)}`, { method: 'POST', headers, body: new Uint8Array(bytes) });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as { sha256: string; name: string; mime: string; size: number };
}
const say = async (chat: string, kind: 'public' | 'internal', text: string, files: readonly File[]): Promise<MessageView> => {
  const kept = await Promise.all(files.map(keep));
  const { status, body } = await day.call<MessageView>('POST', `/api/conversations/${chat}/messages`, { id: crypto.randomUUID(), kind, text, files: kept });
  expect(status).toBe(201);
  return body;
};
const ofConsole = async ({ id, files }: MessageView): Promise<unknown[]> =>
  Promise.all(
    files.map(async (file) => {
      const response = await fetch(`${day.url}/api/messages/${id}/files/${file.id}`, { headers: { authorization: `Bearer ${day.token}` } });
      return seen({ name: file.name, bytes: Buffer.from(await response.arrayBuffer()) });
    }),
  );

const freshTicket = (closing: ClosingView) => {
  const id = closing.tickets.find(({ helpdesk }) => helpdesk === 'freshdesk-br')?.id;
  const found = day.freshdesk.state.tickets.find((one) => String(one.id) === id);
  if (!found) throw new Error(`no ticket ${id}`);
  return found;
};
const zenFiles = (closing: ClosingView): unknown[] => {
  const id = closing.tickets.find(({ helpdesk }) => helpdesk === 'zendesk-br')?.id;
  const comments = day.zendesk.state.tickets.get(Number(id))?.comments ?? [];
  return comments.flatMap(({ attachments }) => attachments).map(({ file_name, bytes }) => seen({ name: file_name, bytes }));
};
const notesOf = (ticket: { id: number }) => day.freshdesk.state.conversations.filter(({ ticket_id }) => ticket_id === ticket.id);

describe('what a visitor sends', () => {
  it('ends on the Freshdesk and the Zendesk ticket byte for byte, whatever the names; a file sent twice is there once', async () => {
    const bruna = await visitor('Bruna');
    const names = ['relatório "final" ação.bin', "d'água & <b>.bin", '📸 catraca 🙏.bin', 'linha\nquebrada.bin', '100%25 certo.bin'];
    const files = names.map((name, n) => ({ name, bytes: randomBytes(5000 + n) }));
    const [first] = files;
    const chat = await bruna.send('Seguem os arquivos', first ? [...files, { ...first, name: 'de novo.bin' }] : files);
    expect(chat.messageList[0]?.files).toHaveLength(6);
    const expected = files.map(({ name, bytes }) => seen({ name: name.replace('\n', ''), bytes }));
    expect((await ofConsole(chat.messageList[0] as MessageView)).slice(0, 5)).toEqual(expected);
    const ids = chat.messageList.map(({ id }) => id);
    const closing = await day.close(chat.id, { parts: [part('p1', { helpdesk: 'freshdesk-br' }, ids), part('p2', { helpdesk: 'zendesk-br' }, ids)] });
    expect(freshTicket(closing).attachments.map(seen)).toEqual(expected);
    expect(zenFiles(closing)).toEqual(expected);
    // The second name is not lost: the words tell it.
    expect(freshTicket(closing).description).toContain('de novo.bin');
  });

  it('an empty file is refused where the visitor can see it; one in a message of another program goes all the way', async () => {
    const bruna = await visitor('Bruna');
    expect((await bruna.upload({ name: 'vazio.txt', bytes: Buffer.alloc(0) })).status).toBe(422);
    const chat = await bruna.send('O arquivo estava vazio', []);
    await say(chat.id, 'public', 'Este é o modelo', [{ name: 'modelo vazio.csv', bytes: Buffer.alloc(0) }]);
    const ids = chat.messageList.map(({ id }) => id);
    const covered = (await day.detail(chat.id)).messageList.map(({ id }) => id);
    expect(covered).toHaveLength(ids.length + 1);
    const closing = await day.close(chat.id, { parts: [part('p1', { helpdesk: 'freshdesk-br' }, covered), part('p2', { helpdesk: 'zendesk-br' }, covered)] });
    const empty = [seen({ name: 'modelo vazio.csv', bytes: Buffer.alloc(0) })];
    expect(freshTicket(closing).attachments.map(seen)).toEqual(empty);
    expect(zenFiles(closing)).toEqual(empty);
  });

  it('of 21 MB Freshdesk gets what a ticket holds, the rest is named in words, and nothing is lost here', async () => {
    const bruna = await visitor('Bruna');
    const files = [1, 2, 3].map((n) => ({ name: `filme ${n}.bin`, bytes: randomBytes(7 * 2 ** 20) }));
    const chat = await bruna.send('Três filmes', files);
    const ids = chat.messageList.map(({ id }) => id);
    const decision = { covers: ids.at(-1) ?? '', parts: [part('p1', { helpdesk: 'freshdesk-br' }, ids)] };
    expect((await day.preview(chat.id, decision)).lines).toContainEqual({ part: 'p1', key: 'files-left-out', values: { count: 1 } });
    const ticket = freshTicket(await day.close(chat.id, decision));
    expect(ticket.attachments.map(seen)).toEqual(files.slice(0, 2).map(seen));
    const text = ticket.description.replace(/<[^>]+>/g, '\n');
    expect(text).toMatch(/filme 3\.bin \(não anexado: grande demais para o helpdesk\)/);
    expect(text).not.toMatch(/filme [12]\.bin \(/);
    expect(await ofConsole(chat.messageList[0] as MessageView)).toEqual(files.map(seen));
  });
});

describe('what an agent sends', () => {
  it('reaches the visitor byte for byte; the file of an internal note does not, nor does its name', async () => {
    const bruna = await visitor('Bruna');
    const chat = await bruna.send('Tem manual?', []);
    const manual = { name: 'manual é este "v2".pdf', bytes: randomBytes(40_000) };
    const inside = { name: 'margem-de-lucro.xlsx', bytes: randomBytes(20_000) };
    const note = await say(chat.id, 'internal', 'Não mostrar: a planilha', [inside]);
    await say(chat.id, 'public', 'Aqui está', [manual]);
    const shown = await vi.waitFor(async () => {
      const messages = await bruna.reads(2);
      expect(messages[1]?.files).toMatchObject([{ name: manual.name, ready: true }]);
      return messages;
    });
    expect(JSON.stringify(shown)).not.toContain('planilha');
    expect(JSON.stringify(shown)).not.toContain(inside.name);
    const loaded = await bruna.loads(shown[1]?.files[0]?.id ?? '');
    expect(sha256(loaded.bytes)).toBe(sha256(manual.bytes));
    expect((await bruna.loads(note.files[0]?.id ?? '')).status).toBe(404);
    expect((await (await visitor('Eva')).loads(shown[1]?.files[0]?.id ?? '')).status).toBe(404);
  });

  it('in an internal note is for agents alone: on no ticket that the requester reads, in a private note and whole', async () => {
    const bruna = await visitor('Bruna');
    const photo = { name: 'foto do cliente.bin', bytes: randomBytes(9000) };
    const inside = { name: 'diagnóstico interno.pdf', bytes: randomBytes(8000) };
    const chat = await bruna.send('Segue a foto', [photo]);
    const note = await say(chat.id, 'internal', 'Suspeita de mau uso', [inside]);
    await say(chat.id, 'public', 'Recebido', []);
    const ids = (await day.detail(chat.id)).messageList.map(({ id }) => id);
    expect(ids).toContain(note.id);
    const closing = await day.close(chat.id, { parts: [part('p1', { helpdesk: 'freshdesk-br' }, ids), part('p2', { helpdesk: 'zendesk-br' }, ids)] });
    const ticket = freshTicket(closing);
    // Files of the ticket itself and of public notes are what the requester can load.
    expect(ticket.attachments.map(seen)).toEqual([seen(photo)]);
    const open = notesOf(ticket).filter((one) => !one.private);
    expect(open.flatMap(({ attachments }) => attachments)).toEqual([]);
    expect(notesOf(ticket).flatMap(({ attachments }) => attachments.map(seen))).toEqual([seen(inside)]);
    expect(ticket.summary).toContain('Suspeita de mau uso');
    for (const words of ['Suspeita de mau uso', inside.name, 'diagn']) {
      expect(day.freshdesk.requesterSees()).not.toContain(words);
      expect(day.zendesk.requesterSees()).not.toContain(words);
    }
    expect(zenFiles(closing)).toEqual([seen(photo), seen(inside)]);
  });

  it('in an internal note appended to a ticket is in its private note alone', async () => {
    const bruna = await visitor('Bruna');
    const inside = { name: 'orçamento interno.pdf', bytes: randomBytes(7000) };
    const chat = await bruna.send('E o orçamento?', []);
    await say(chat.id, 'internal', 'Ainda sem aprovação da diretoria', [inside]);
    const id = day.seeded['sem-energia'] ?? '';
    const ids = (await day.detail(chat.id)).messageList.map((message) => message.id);
    const target = { kind: 'append' as const, ticket: { helpdesk: 'freshdesk-br', id }, status: 'keep' as const };
    await day.close(chat.id, { parts: [{ key: 'p1', target, summary: 'Pediu orçamento, aguarda retorno', messages: ids }] });
    const ticket = day.freshdesk.state.tickets.find((one) => String(one.id) === id);
    expect(ticket?.attachments).toEqual([]);
    expect(notesOf({ id: Number(id) }).map((one) => [one.private, one.attachments.map(seen)])).toEqual([[true, [seen(inside)]]]);
    expect(day.freshdesk.requesterSees()).not.toContain('aprovação da diretoria');
    expect(day.freshdesk.requesterSees()).not.toContain(inside.name);
  });
});
