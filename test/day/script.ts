/** A scripted day: who writes what where, in which order. Pure: the same seed and the same abilities give the same day. */
import { type Random, randomFrom } from '../torture/random.ts';

export interface DayFile {
  readonly name: string;
  readonly mime: string;
  readonly bytes: Buffer;
}

export type DayStep =
  /** The customer writes, or an agent in the vendor's own screen. `key` is unique in the day and stands in the text. */
  | { readonly do: 'write'; readonly key: string; readonly text: string; readonly files: readonly DayFile[]; readonly agent: boolean }
  | { readonly do: 'edit'; readonly of: string; readonly text: string }
  | { readonly do: 'remove'; readonly of: string }
  | { readonly do: 'react'; readonly of: string; readonly emoji: string }
  /** One of our agents answers in Deskbridge. */
  | { readonly do: 'reply'; readonly key: string; readonly text: string }
  /** An agent ends the chat in the vendor's own screen; always the last step. */
  | { readonly do: 'end' };

export interface DayConversation {
  readonly channel: string;
  readonly name: string;
  readonly person: { readonly id: string; readonly name: string; readonly phone: string; readonly email: string };
  readonly steps: readonly DayStep[];
}

/** What a vendor can do beyond messages. */
export interface Abilities {
  readonly edit: boolean;
  readonly remove: boolean;
  readonly react: boolean;
  readonly end: boolean;
  /** Agents write in the vendor's own screen, and we hear of it. */
  readonly agents: boolean;
  readonly files: boolean;
}

export interface Day {
  readonly conversations: readonly DayConversation[];
  /** The order in which steps are played: indexes into `conversations`, one a step. */
  readonly order: readonly number[];
}

interface FileKind {
  readonly name: string;
  readonly mime: string;
  readonly head: Buffer;
}

const problems = [
  'a catraca não libera',
  'o finger apagou',
  'a impressora do totem parou',
  'não acho o relatório',
  'o boleto não chegou',
  'caiu a energia aqui',
] as const;
const more = ['já reiniciei e nada', 'segue a foto', 'tem fila na porta', 'pode ligar?', 'obrigada! 🙏', 'é urgente'] as const;
const names = ['Maria', 'Carlos', 'Júlia', 'Ana', 'Rogério', 'Pati', 'Marcelo', 'Lúcia', 'Téo', 'Bruna', 'Diego'] as const;
const kinds: readonly [FileKind, ...FileKind[]] = [
  { name: 'foto.png', mime: 'image/png', head: Buffer.from('89504e470d0a1a0a', 'hex') },
  { name: 'nota fiscal.pdf', mime: 'application/pdf', head: Buffer.from('%PDF-1.4\n') },
];

function file(random: Random, key: string): DayFile {
  const { name, mime, head } = random.pick(kinds);
  const body = Buffer.alloc(200 + random.below(30_000), `${key} `);
  return { name: `${key} ${name}`, mime, bytes: Buffer.concat([head, body]) };
}

function stepsOf(random: Random, label: string, can: Abilities): readonly DayStep[] {
  const steps: DayStep[] = [];
  const own: string[] = [];
  const count = 2 + random.below(5);
  for (let turn = 0; turn < count; turn += 1) {
    const key = `${label}m${turn}x`;
    const agent = can.agents && turn > 0 && random.chance(0.25);
    const files = can.files && !agent && random.chance(0.15) ? [file(random, key)] : [];
    steps.push({ do: 'write', key, text: `${turn === 0 ? random.pick(problems) : random.pick(more)} [${key}]`, files, agent });
    if (!agent && files.length === 0) own.push(key);
    if (turn > 0 && random.chance(0.2)) steps.push({ do: 'reply', key: `${label}r${turn}x`, text: `Já vamos ver isso. [${label}r${turn}x]` });
  }
  const [first, second] = own;
  if (can.edit && first && random.chance(0.15)) steps.push({ do: 'edit', of: first, text: `corrigindo: era a roleta [${first}]` });
  if (can.remove && second && random.chance(0.1)) steps.push({ do: 'remove', of: second });
  if (can.react && first && random.chance(0.15)) steps.push({ do: 'react', of: first, emoji: '👍' });
  if (can.end && random.chance(0.5)) steps.push({ do: 'end' });
  return steps;
}

/** `count` conversations, spread over the channels in turn. */
export function scriptDay(options: { seed: number; count: number; channels: ReadonlyMap<string, Abilities> }): Day {
  const random = randomFrom(options.seed, 41);
  const channels = [...options.channels];
  const conversations = Array.from({ length: options.count }, (_, index): DayConversation => {
    const [channel, can] = channels[index % channels.length] ?? ['', undefined];
    if (!can) throw new Error('a day needs at least one channel');
    const name = `${random.pick(names)} ${index}`;
    const person = { id: `p${index}`, name, phone: `+55119${String(30_000_000 + index)}`, email: `p${index}@gym.example` };
    return { channel, name: `day-${index}`, person, steps: stepsOf(random, `c${index}`, can) };
  });
  // About thirty chats are under way at any time, as at a busy desk; who goes on next is chance.
  const order: number[] = [];
  const left = conversations.map(({ steps }) => steps.length);
  const open: number[] = [];
  let next = 0;
  while (open.length > 0 || next < conversations.length) {
    while (open.length < 30 && next < conversations.length) open.push(next++);
    const at = random.below(open.length);
    const index = open[at] ?? 0;
    order.push(index);
    left[index] = (left[index] ?? 0) - 1;
    if (left[index] === 0) open.splice(at, 1);
  }
  return { conversations, order };
}
