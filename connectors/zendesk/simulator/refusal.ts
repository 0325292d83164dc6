/** How the simulator says no: an answer thrown from wherever the rule is checked. */

export class Refusal extends Error {
  readonly status: number;
  /** A string goes out as text/plain, as this vendor does at its edge. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`answers ${status}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export const notFound = (): Refusal => new Refusal(404, { error: 'RecordNotFound', description: 'Not found' });

/** What the documents do not say is refused loudly, so that nobody builds on a guess of ours. */
export const unknown = (what: string): Refusal =>
  new Refusal(501, { error: 'SimulatorDoesNotKnow', description: `The simulator does not know ${what}: the documents do not say it.` });

export interface Detail {
  readonly description: string;
  readonly error?: string | null;
  readonly [more: string]: unknown;
}

/** 422 with `details`: a field name, or `base`, to a list of what is wrong. */
export const invalid = (field: string, ...details: readonly Detail[]): Refusal =>
  new Refusal(422, { error: 'RecordInvalid', description: 'Record validation errors', details: { [field]: details } });
