/** What a made-up workspace holds: people, channels, messages, files, and the dialogs that are open. */
import type { SimulatedPerson } from '../../../src/kit/simulator.ts';

export interface User {
  readonly id: string;
  readonly team: string;
  readonly name: string;
  readonly email: string | undefined;
  readonly bot: boolean;
  readonly guest: boolean;
}

export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly mime: string;
  readonly bytes: Buffer;
  readonly mode: 'hosted' | 'external' | 'tombstone';
  /** Shared from another workspace: events name its id alone. */
  readonly asks: boolean;
}

export interface Post {
  readonly ts: string;
  readonly user: string;
  readonly bot: boolean;
  /** As Slack keeps it: mrkdwn, with entities. */
  text: string;
  readonly thread: string | undefined;
  readonly files: readonly Upload[];
  readonly username?: string | undefined;
  readonly metadata?: unknown;
  readonly subtype?: string | undefined;
  edited?: string | undefined;
  reactions: { readonly name: string; readonly user: string }[];
}

export interface Room {
  readonly id: string;
  readonly name: string;
  readonly type: 'channel' | 'group' | 'im' | 'mpim';
  /** Of a direct conversation. */
  readonly with?: string;
  posts: Post[];
}

/** Seen by one person. */
export interface Ephemeral {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly thread: string | undefined;
}

export interface OpenView {
  readonly id: string;
  hash: string;
  view: Record<string, unknown>;
  /** Of the person who sees it. */
  readonly user: string;
}

export interface Workspace {
  readonly team: string;
  readonly app: string;
  readonly bot: { readonly id: string; readonly user: string };
  readonly users: Map<string, User>;
  readonly rooms: Map<string, Room>;
  readonly files: Map<string, Upload>;
  /** Uploads that were asked for and not shared yet. */
  readonly uploads: Map<string, { readonly id: string; readonly name: string; readonly length: number; bytes: Buffer | undefined }>;
  readonly views: Map<string, OpenView>;
  readonly triggers: Map<string, { readonly user: string; readonly at: number; used: boolean }>;
  readonly ephemerals: Ephemeral[];
  scopes: string[];
  now(): number;
  /** Where the simulator is reached: addresses of files need it. */
  address: string;
  id(prefix: string): string;
  ts(at?: number): string;
  user(person: SimulatedPerson, more?: Partial<User>): User;
  room(id: string): Room | undefined;
  direct(user: string): Room;
}

const mainChannel = 'C0SUPPORT1';

export function createWorkspace(now: () => number, scopes: readonly string[]): Workspace {
  let counter = 0;
  const taken = new Set<string>();
  const team = 'T0GYMDESK1';
  const bot = { id: 'B0DESKBRDG', user: 'U0DESKBRDG' };
  const workspace: Workspace = {
    team,
    app: 'A0DESKBRDG',
    bot,
    users: new Map([[bot.user, { id: bot.user, team, name: 'Deskbridge', email: undefined, bot: true, guest: false }]]),
    rooms: new Map([[mainChannel, { id: mainChannel, name: 'suporte', type: 'channel', posts: [] }]]),
    files: new Map(),
    uploads: new Map(),
    views: new Map(),
    triggers: new Map(),
    ephemerals: [],
    scopes: [...scopes],
    now,
    address: '',
    id: (prefix) => `${prefix}0${String(++counter).padStart(8, '0')}`,
    ts(at = now()) {
      for (let micro = 0; ; micro += 1) {
        const ts = `${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, '0')}${String(micro).padStart(3, '0')}`;
        if (taken.has(ts)) continue;
        taken.add(ts);
        return ts;
      }
    },
    user(person, more = {}) {
      const id = `U0${person.id.toUpperCase().replace(/[^A-Z0-9]/g, '')}`;
      const known = workspace.users.get(id);
      if (known) return known;
      const made: User = { id, team, name: person.name ?? person.id, email: person.email, bot: false, guest: false, ...more };
      workspace.users.set(id, made);
      return made;
    },
    room: (id) => workspace.rooms.get(id),
    direct(user) {
      const id = `D0${user.slice(2)}`;
      const room = workspace.rooms.get(id) ?? { id, name: 'directmessage', type: 'im', with: user, posts: [] };
      workspace.rooms.set(id, room);
      return room;
    },
  };
  return workspace;
}

export const supportRoom = (workspace: Workspace): Room => workspace.rooms.get(mainChannel) as Room;
