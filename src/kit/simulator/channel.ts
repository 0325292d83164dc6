/** What the sandbox, the scripted day and the contract suite ask of every channel vendor's simulator: people who write, chats that end, and what each side sees. */
import type { RequestListener } from 'node:http';
import type { Json } from '../json.ts';
import type { Dials } from './dials.ts';
import type { WebhookDials } from './webhooks.ts';

export interface SimulatedPerson {
  /** The script's own id; the simulator makes the vendor's ids of it. */
  readonly id: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  /** E.164. */
  readonly phone?: string | undefined;
}

export interface SimulatedFile {
  readonly name: string;
  readonly mime: string;
  readonly bytes: Buffer;
  /** Of an audio or video. */
  readonly seconds?: number;
}

export interface SimulatedMessage {
  /** The script's own name of the conversation; vendors without conversations ignore it. */
  readonly conversation: string;
  readonly person: SimulatedPerson;
  readonly text: string;
  /** Epoch ms; now when absent. */
  readonly at?: number | undefined;
  readonly files?: readonly SimulatedFile[] | undefined;
  /** Where the vendor has one. */
  readonly subject?: string | undefined;
  /** Name of the agent who wrote it in the vendor's own screen; the person did where it is absent. */
  readonly agent?: string | undefined;
}

/** A message as one side sees it. */
export interface ShownMessage {
  readonly id: string;
  readonly from: 'customer' | 'business';
  readonly text: string;
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
}

export interface SimulatedChannel {
  /** The vendor's API. */
  readonly app: RequestListener;
  /** Faults of the vendor's API as we call it. */
  readonly dials: Dials;
  /** Faults of the webhooks on their way to us; undefined where the vendor has none. */
  readonly webhooks?: WebhookDials;
  /** False where agents have no screen of the vendor's to write in, or we do not hear of it. */
  readonly agents?: boolean;
  /** False where the vendor carries no files. */
  readonly files?: boolean;
  /** What stands in deskbridge.yaml for a channel that uses this account at `address`; secrets as plain text. */
  settings(address: string): { readonly [key: string]: Json };
  /** Where webhooks go from now on. */
  hook?(url: string): void;
  /** Somebody writes: the vendor holds it when this resolves, and tells us in its own time. Returns the vendor's message id. */
  write(message: SimulatedMessage): Promise<{ readonly id: string }>;
  edit?(id: string, text: string): Promise<void>;
  remove?(id: string): Promise<void>;
  react?(id: string, emoji: string | null): Promise<void>;
  /** An agent ends the chat in the vendor's own screen. */
  end?(conversation: string, person: SimulatedPerson, at?: number): Promise<void>;
  /** Resolves when nothing is on its way to us any more. */
  settled(): Promise<void>;
  /** What the customer sees of the chat, oldest first. */
  shown(conversation: string, person: SimulatedPerson): readonly ShownMessage[];
  /** What only the vendor's agents see, oldest first. */
  notes?(conversation: string, person: SimulatedPerson): readonly string[];
  close?(): Promise<void>;
}
