/** Freshchat's error bodies. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  body(): object {
    return { code: this.status, status: this.code, message: this.message, details: [{ type: 'ERROR' }] };
  }
}

/** What no document tells is refused loudly. */
export const unknown = (what: string): Refusal => new Refusal(501, 'NOT_SIMULATED', `The simulator does not know ${what}`);
export const invalid = (message: string): Refusal => new Refusal(400, 'INVALID_VALUE', message);
export const gone = (what: string): Refusal => new Refusal(404, `${what.toUpperCase().replaceAll(' ', '_')}_NOT_FOUND`, `No ${what} with this id`);
