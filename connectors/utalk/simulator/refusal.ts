/** How the simulated uTalk says no. Its error bodies are not documented, so each holds nothing but a sentence. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the pages leave open is refused, so that nobody builds on a guess. */
export const unknown = (what: string): Refusal => new Refusal(501, `this simulator does not know ${what}`);
