/** A value that cannot be printed: logs, JSON, templates and the inspector all show `[secret]`. */
import { inspect } from 'node:util';
import { z } from 'zod';

export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The one way out; call it where the vendor needs the text and nowhere else. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

/** A required, never empty secret in a connector's settings. An empty one would open the door to everybody. */
export const secret = () =>
  z
    .union([z.string().min(1, 'a secret must not be empty'), z.instanceof(Secret)])
    .transform((value) => (value instanceof Secret ? value : new Secret(value)))
    .meta({ secret: true });
