/** Who may post: whoever knows the address' last part, and, if ops want that too, comes from uTalk's networks. */
import ipaddr from 'ipaddr.js';
import { type Log, type RawRequest, type Secret, sharedToken, type Verifier } from '../../src/kit/index.ts';

export interface Senders {
  readonly verify: Verifier;
  /** Asks for the networks again once they are an hour old. Old ones stay in force while that fails; without any, nobody is let in. */
  refresh(): Promise<void>;
}

interface SendersOptions {
  readonly secret: Secret;
  readonly checkAddress: boolean;
  readonly now: () => number;
  readonly log: Log;
  ranges(): Promise<unknown>;
}

const freshMs = 3_600_000;

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** The shape of the answer is not documented, so every text in it that is an address or a network counts. */
export function networksIn(answer: unknown): readonly Network[] {
  if (typeof answer === 'string') return networkOf(answer.trim());
  if (typeof answer !== 'object' || answer === null) return [];
  return Object.values(answer).flatMap(networksIn);
}

function networkOf(text: string): readonly Network[] {
  if (ipaddr.isValidCIDR(text)) {
    const network = ipaddr.parseCIDR(text);
    // A network of everything would be no check at all.
    return network[1] >= 8 ? [network] : [];
  }
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !(text.includes(':') && ipaddr.isValid(text))) return [];
  const address = ipaddr.parse(text);
  return [[address, address.kind() === 'ipv4' ? 32 : 128]];
}

const isIn = (given: string, networks: readonly Network[]): boolean => {
  if (!ipaddr.isValid(given)) return false;
  const address = ipaddr.process(given);
  return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network as ipaddr.IPv4, bits));
};

/** The last part of the path; one that cannot be decoded is nobody's. */
export function lastPart({ path }: Pick<RawRequest, 'path'>): string | undefined {
  try {
    return decodeURIComponent(path.replace(/\/+$/, '').split('/').at(-1) ?? '');
  } catch {
    return undefined;
  }
}

export function createSenders({ secret, checkAddress, now, log, ranges }: SendersOptions): Senders {
  const token = sharedToken({ secret, read: lastPart });
  let networks: readonly Network[] = [];
  let askedAt = Number.NEGATIVE_INFINITY;

  async function refresh(): Promise<void> {
    if (!checkAddress || now() - askedAt < freshMs) return;
    try {
      const found = networksIn(await ranges());
      if (found.length === 0) throw new Error('the answer holds no network');
      networks = found;
      askedAt = now();
    } catch (error) {
      log.warn({ error: String(error), known: networks.length }, 'the networks that webhooks come from could not be read');
    }
  }

  return {
    refresh,
    verify(request, at) {
      const proof = token(request, at);
      if (!proof || !checkAddress || isIn(request.remoteAddress, networks)) return proof;
      log.warn({ address: request.remoteAddress }, 'a webhook with the right secret came from an address that is not uTalk’s and was refused');
      return undefined;
    },
  };
}
