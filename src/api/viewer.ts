/** Who looks. Every read takes the viewer; the default policy shows all. */
export interface Viewer {
  /** The agent's id, or the API token's. */
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: 'agent' | 'admin';
  readonly locale: string;
  readonly teams: readonly string[];
  readonly by: 'session' | 'token' | 'nobody';
}
