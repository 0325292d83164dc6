/** The egress guard: connectors may not reach private networks unless ops allowed the address. Checked on the address that is connected to. */
import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ConnectorError } from './errors.ts';

export interface EgressRules {
  /** Networks in CIDR form, or single addresses, that are allowed though private: `127.0.0.0/8`, `10.1.2.3`. */
  readonly allow: readonly string[];
}

/** `::7f00:1`: the deprecated IPv4-compatible form, which the library calls unicast, and nothing on the open internet has. */
const ipv4Compatible = ipaddr.parseCIDR('::/96') as [ipaddr.IPv6, number];

/** True for an address that the open internet routes, or that a rule allows. */
export function allowedAddress(address: string, rules: EgressRules): boolean {
  const ip = ipaddr.process(address);
  const routed = ip.range() === 'unicast' && !(ip instanceof ipaddr.IPv6 && ip.match(ipv4Compatible));
  if (routed) return true;
  return rules.allow.some((rule) => {
    const [network, bits] = rule.includes('/') ? ipaddr.parseCIDR(rule) : [ipaddr.parse(rule), ipaddr.IPv4.isValid(rule) ? 32 : 128];
    return network.kind() === ip.kind() && ip.match([network, bits] as [ipaddr.IPv4, number]);
  });
}

const blocked = (what: string): ConnectorError =>
  new ConnectorError('blocked', `${what} is not an address that Deskbridge may reach; ops can allow it under egress.allow`);

/** An agent's `lookup` that refuses forbidden addresses at connect time, so that a changed DNS answer is caught too. */
export const guardedLookup =
  (rules: EgressRules): LookupFunction =>
  (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const good = addresses.filter(({ address }) => allowedAddress(address, rules));
      const first = good[0];
      if (!first) return callback(blocked(hostname) as NodeJS.ErrnoException, '', 0);
      if (options.all) return callback(null, good);
      return callback(null, first.address, first.family);
    });
  };

/** An address written as digits is never looked up, so it is checked before the call. */
export function refuseLiteral(url: string, rules: EgressRules): void {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host) && !allowedAddress(host, rules)) throw blocked(host);
}
