import { createHash } from 'node:crypto';

import type { Clock } from '../../../sandbox/exchange.js';

interface Bucket {
  remaining: number;
  reset: number;
}

interface BucketSize {
  readonly limit: number;
  readonly periodMs: number;
}

/** Sizes of buckets are not published, and change; these are simulated. */
const SIZES: Readonly<Record<string, BucketSize>> = {
  'POST /channels/:channel/messages': { limit: 5, periodMs: 5_000 },
  'PUT /channels/:channel/messages/:message/reactions/:emoji/@me': { limit: 1, periodMs: 250 },
  'POST /webhooks/:webhook/:token': { limit: 5, periodMs: 2_000 },
};
/** Told while nothing is limited, so that callers who listen do not hold back either. */
const BOUNDLESS: BucketSize = { limit: 1_000_000, periodMs: 1_000 };
const ORDINARY: BucketSize = { limit: 10, periodMs: 10_000 };

const GLOBAL_PER_SECOND = 50;
const INVALID_PERIOD_MS = 600_000;
const INVALID_MAX = 10_000;

/** What a request gets: whether it may go on, how long to wait if not, and the headers that say so. */
export interface Admission {
  readonly allowed: boolean;
  readonly retryAfterMs: number;
  readonly global: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Discord's limits: a bucket for each route and top-level resource, one for a bot as a whole, and the
 * count of invalid requests, which locks an address out.
 * @see https://discord.com/developers/docs/topics/rate-limits
 */
export class DiscordLimits {
  enabled = true;
  /** Invalid requests until the lock-out. */
  invalidMax = INVALID_MAX;
  readonly #buckets = new Map<string, Bucket>();
  readonly #sizes = new Map<string, BucketSize>();
  readonly #global = new Map<string, number[]>();
  #invalid: number[] = [];

  constructor(private readonly now: Clock) {}

  /** Takes one request out of the bucket of a route, and out of what a bot may ask for in all. */
  spend(route: string, major: string, who: string): Admission {
    const now = this.now();
    const known = this.#sizes.get(route) ?? SIZES[route] ?? ORDINARY;
    const size = this.enabled ? known : BOUNDLESS;
    const name = createHash('sha256').update(route).digest('hex').slice(0, 32);
    const key = `${name}:${major}`;
    let bucket = this.#buckets.get(key);
    if (!bucket || now >= bucket.reset) {
      bucket = { remaining: size.limit, reset: now + size.periodMs };
      if (this.enabled) this.#buckets.set(key, bucket);
    }
    const recent = (this.#global.get(who) ?? []).filter((at) => at > now - 1_000);
    this.#global.set(who, recent);
    if (this.enabled && recent.length >= GLOBAL_PER_SECOND) {
      const retryAfterMs = (recent[0] ?? now) + 1_000 - now;
      const headers = { ...writeRetry(retryAfterMs, 'global'), 'x-ratelimit-global': 'true' };
      return { allowed: false, retryAfterMs, global: true, headers };
    }
    recent.push(now);
    const leftMs = bucket.reset - now;
    const allowed = bucket.remaining > 0;
    if (allowed) bucket.remaining -= 1;
    const headers = {
      'x-ratelimit-limit': String(size.limit),
      'x-ratelimit-remaining': String(bucket.remaining),
      'x-ratelimit-reset': (bucket.reset / 1_000).toFixed(3),
      'x-ratelimit-reset-after': (leftMs / 1_000).toFixed(3),
      'x-ratelimit-bucket': name,
      ...(!allowed && writeRetry(leftMs, 'user')),
    };
    return { allowed, retryAfterMs: leftMs, global: false, headers };
  }

  /** Gives the buckets of a route another size. */
  resize(route: string, size: BucketSize): void {
    this.#sizes.set(route, size);
    this.#buckets.clear();
  }

  /** Empties every bucket there is until a moment from now. */
  drain(leftMs: number): void {
    for (const bucket of this.#buckets.values()) {
      bucket.remaining = 0;
      bucket.reset = this.now() + leftMs;
    }
  }

  noteInvalid(): void {
    this.#invalid.push(this.now());
  }

  /** Invalid requests of the last ten minutes. */
  countInvalid(): number {
    const since = this.now() - INVALID_PERIOD_MS;
    this.#invalid = this.#invalid.filter((at) => at > since);
    return this.#invalid.length;
  }

  clear(): void {
    this.enabled = true;
    this.invalidMax = INVALID_MAX;
    this.#buckets.clear();
    this.#sizes.clear();
    this.#global.clear();
    this.#invalid = [];
  }
}

function writeRetry(ms: number, scope: string): Record<string, string> {
  return { 'retry-after': String(Math.ceil(ms / 1_000)), 'x-ratelimit-scope': scope };
}
