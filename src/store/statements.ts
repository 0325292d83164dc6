/** The small statement interface of the hot paths: prepared statements on both databases, inside a transaction that somebody else began. */

export type Value = string | number | null;

export interface Statements {
  readonly engine: 'sqlite' | 'postgres';
  /** Placeholders are `?`. A row that another transaction changes is waited for where the text ends in `lock`. */
  all<Row>(sql: string, ...values: readonly Value[]): Row[] | Promise<Row[]>;
  /** Number of rows changed. */
  run(sql: string, ...values: readonly Value[]): number | Promise<number>;
  /** ` FOR UPDATE` where several writers exist, and nothing where the gate lets in one. */
  readonly lock: '' | ' FOR UPDATE';
  /** Tells the console after the commit; see live.ts. */
  tell(kind: string, subject: string): void;
}
