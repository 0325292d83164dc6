/** Steps: how a connector makes a remote effect so that it happens once. The engine journals; the connector only describes. */
import type { Json } from './json.ts';

export interface StepEffect<Body extends Json, Result extends Json> {
  /** Made when the step first starts (and again after a definite refusal), committed before `send`, and the same on every retry. Files go in by sha256. */
  body(): Body | Promise<Body>;
  /** The call itself. Throws ConnectorError; `effect: 'none'` means that the vendor certainly did nothing. */
  send(body: Body): Promise<Result>;
  /** Within this time of the first send the same body may simply go again: a key's life, or Infinity for a plain PUT. */
  readonly safeForMs?: number;
  /** Looks whether an unclear send took effect. Without it, and past `safeForMs`, a person decides. */
  find?(body: Body): Promise<Result | undefined>;
  /** How long after the last unclear send a look can be trusted. */
  readonly settleMs?: number;
}

/**
 * Runs one effect at most once, across crashes. A recorded result comes back without a call.
 * `name` is stored data: stable across versions and unique in its operation.
 */
export type Step = <Body extends Json, Result extends Json>(name: string, effect: StepEffect<Body, Result>) => Promise<Result>;
