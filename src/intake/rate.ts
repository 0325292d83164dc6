/** Counts calls by address: a bucket that refills evenly, so that nobody gains by waiting for the full minute. */

export interface RateLimit {
  /** Undefined lets the call pass; else seconds until the next one will. */
  take(key: string, perMinute: number): number | undefined;
}

const mostKeys = 50_000;

export function createRateLimit(now: () => number): RateLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(key, perMinute) {
      const at = now();
      const bucket = buckets.get(key) ?? { left: perMinute, at };
      const left = Math.min(perMinute, bucket.left + ((at - bucket.at) / 60_000) * perMinute);
      const passes = left >= 1;
      buckets.delete(key);
      buckets.set(key, { left: passes ? left - 1 : left, at });
      if (buckets.size > mostKeys) buckets.delete(buckets.keys().next().value ?? '');
      return passes ? undefined : Math.ceil(((1 - left) * 60) / perMinute);
    },
  };
}

/** A home's or an office's IPv6 network is one sender, whichever of its addresses it uses. */
export function senderOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  return plain.includes(':') ? expand(plain).slice(0, 4).join(':') : plain;
}

function expand(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array<string>(gap).fill('0'), ...right];
}
