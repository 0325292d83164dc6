/** Dispatch only says "look": the deliveries table is the truth, and wiping a dispatch loses nothing. */
export interface Dispatch {
  /** A delivery is due at `at` (epoch ms). */
  look(delivery: string, at: number): void;
  /** Called when something is due; several calls may become one. */
  listen(due: () => void): void;
  close(): Promise<void>;
}
