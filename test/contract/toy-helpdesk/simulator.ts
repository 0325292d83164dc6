/** The card index: one object an id that the caller chose, and what stands there already is answered, not written again. */
import express, { type Request, type Response } from 'express';
import { createDials, faultable } from '../../../src/kit/simulator.ts';

type File = { sha256: string; name: string; size: number };
type Values = { status?: string; priority?: string; tags?: string[] };
type NewCard = { subject: string; description: string; summary: string; requester: { id: string; name: string }; files: File[]; set: Values };
type NewEntry = { kind: 'note' | 'reply'; html: string; files: File[]; set: Values };
type Entry = { id: string; kind: 'note' | 'reply'; author: string; at: number; html: string; files: File[] };

/** What else a write names as status or priority is refused with 422, as is a file whose bytes have not come before it. */
const statuses = [
  { id: 'front', label: 'In front', meaning: 'open' },
  { id: 'clip', label: 'With a paper clip', meaning: 'waiting' },
  { id: 'back', label: 'At the back', meaning: 'resolved' },
];
const priorities = [
  { id: 'white', label: 'White card' },
  { id: 'red', label: 'Red card' },
];

const blank = (id: string, number: string, at: number, { subject, description, summary, requester }: NewCard) => ({
  ...{ id, number, subject, description, summary, requester, status: 'front', priority: 'white' },
  ...{ tags: [] as string[], entries: [] as Entry[], changes: [] as string[], createdAt: at, updatedAt: at },
});
type Card = ReturnType<typeof blank>;

export function cardIndex(now: () => number, token: string) {
  const dials = createDials();
  const box = new Map<string, Card>();
  const bytes = new Map<string, Buffer>();

  const refused = ({ files = [], set }: { files?: File[]; set: Values }): string | undefined => {
    if (set.status !== undefined && !statuses.some(({ id }) => id === set.status)) return `no status ${set.status}`;
    if (set.priority !== undefined && !priorities.some(({ id }) => id === set.priority)) return `no priority ${set.priority}`;
    return files.find(({ sha256, size }) => bytes.get(sha256)?.length !== size)?.name;
  };
  const change = (card: Card, { tags = [], ...set }: Values): void => {
    Object.assign(card, set, { tags: [...new Set([...card.tags, ...tags])], updatedAt: now() });
  };
  const note = (card: Card, id: string, entry: Omit<NewEntry, 'set'>): void => void card.entries.push({ id, author: 'Deskbridge', at: now(), ...entry });
  const has = (card: Card, id: string): boolean => card.changes.includes(id) || card.entries.some((entry) => entry.id === id);

  function find(query: URLSearchParams): Card[] {
    const matches: Record<string, (card: Card, value: string) => boolean> = {
      number: ({ number }, value) => number === value,
      requester: ({ requester }, value) => requester.id === value,
      since: ({ updatedAt }, value) => updatedAt >= Number(value),
      words: ({ subject }, value) => subject.toLowerCase().includes(value.toLowerCase()),
    };
    return [...box.values()].filter((card) => [...query].every(([name, value]) => matches[name]?.(card, value)));
  }

  /** Writes into a card that is there. */
  const into = (write: (card: Card, id: string, body: NewEntry) => void) => (request: Request, response: Response) => {
    const card = box.get(String(request.params.card));
    const id = String(request.params.id);
    if (!card) return void response.status(404).json({ error: 'no such card' });
    const body = JSON.parse(String(request.body)) as NewEntry;
    const reason = refused(body);
    if (reason) return void response.status(422).json({ error: reason });
    if (!has(card, id)) write(card, id, body);
    response.json(card);
  };

  const app = express().use(faultable(dials));
  app.use((request, response, next) => (request.headers.authorization === `Bearer ${token}` ? next() : void response.status(401).json({})));
  app.get('/index', (_request, response) => void response.json({ statuses, priorities }));
  app.get('/cards', (request, response) => void response.json(find(new URL(request.url, 'http://box').searchParams)));
  app.get('/cards/:id', (request, response) => {
    const card = box.get(request.params.id);
    response.status(card ? 200 : 404).json(card ?? { error: 'no such card' });
  });
  app.put('/files/:sha256', (request, response) => {
    bytes.set(request.params.sha256, request.body);
    response.json({});
  });
  app.put('/cards/:id', (request, response) => {
    const { id } = request.params;
    const body = JSON.parse(String(request.body)) as NewCard;
    const reason = refused(body);
    if (reason) return void response.status(422).json({ error: reason });
    const card = box.get(id) ?? blank(id, String(box.size + 1), now(), body);
    if (!box.has(id)) {
      change(card, body.set);
      if (body.files.length) note(card, `${id}-files`, { kind: 'note', html: '', files: body.files });
    }
    box.set(id, card);
    response.json(card);
  });
  app.put(
    '/cards/:card/entries/:id',
    into((card, id, { set, ...entry }) => {
      note(card, id, entry);
      change(card, set);
    }),
  );
  app.put(
    '/cards/:card/changes/:id',
    into((card, id, { set }) => {
      card.changes.push(id);
      change(card, set);
    }),
  );

  const entries = () => [...box.values()].flatMap((card) => card.entries);
  return {
    app,
    dials,
    places: (text: string) => [
      ...[...box.values()].filter(({ entries: _entries, ...card }) => JSON.stringify(card).includes(text)).map(({ id }) => id),
      ...entries()
        .filter(({ html }) => html.includes(text))
        .map(({ id }) => id),
    ],
    requesterSees: () =>
      [
        ...[...box.values()].flatMap(({ subject, description }) => [subject, description]),
        ...entries()
          .filter(({ kind }) => kind === 'reply')
          .map(({ html }) => html),
      ].join('\n'),
  };
}
