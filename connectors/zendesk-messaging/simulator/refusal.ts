/** How the simulator says no: thrown from wherever the rule is checked. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, title: string) {
    super(title);
    this.status = status;
    this.code = code;
  }
}

export const badRequest = (title: string): Refusal => new Refusal(400, 'bad_request', title);

/** What the documents do not say is refused loudly, so that nobody builds on a guess of ours. */
export const unknown = (what: string): Refusal =>
  new Refusal(501, 'simulator_does_not_know', `The simulator does not know ${what}: the documents do not say it.`);

export type Fields = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Refuses fields beyond those that the simulator understands. */
export function only(value: Fields, where: string, ...names: readonly string[]): void {
  const other = Object.keys(value).find((name) => !names.includes(name));
  if (other !== undefined) throw unknown(`the field ${where}.${other}`);
}
