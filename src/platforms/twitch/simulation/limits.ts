import type { Clock } from '../../../sandbox/exchange.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const BUCKET_POINTS = 800;
const LONGEST_MS = 60 * MINUTE_MS;
const RAIDS_MS = 10 * MINUTE_MS;
const SWEEP_AT = 20_000;

interface Bucket {
  limit: number;
  remaining: number;
  reset: number;
}

/** What a request to the Helix bucket gets: whether it may go on, and the headers that say so. */
export interface BucketAnswer {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

interface Window {
  readonly max: number;
  readonly period: number;
}

/** The limits of single calls, as published; each window counts per key. */
const WINDOWS = {
  chat: [{ max: 20, period: 30_000 }],
  chat_moderator: [{ max: 100, period: 30_000 }],
  announcement: [{ max: 1, period: 2_000 }],
  whisper: [
    { max: 3, period: 1_000 },
    { max: 100, period: MINUTE_MS },
  ],
  shoutout: [{ max: 1, period: 2 * MINUTE_MS }],
  shoutout_target: [{ max: 1, period: 60 * MINUTE_MS }],
  // The reference tells of a wait, and each answer names it; simulated: the eight minutes that it names.
  commercial: [{ max: 1, period: 8 * MINUTE_MS }],
  automod_check: [
    { max: 5, period: MINUTE_MS },
    { max: 50, period: 60 * MINUTE_MS },
  ],
  raid_start: [{ max: 10, period: RAIDS_MS }],
  raid_cancel: [{ max: 10, period: RAIDS_MS }],
  moderator_add: [{ max: 10, period: 10_000 }],
  moderator_remove: [{ max: 10, period: 10_000 }],
  vip_add: [{ max: 10, period: 10_000 }],
  vip_remove: [{ max: 10, period: 10_000 }],
  // A limit per broadcaster and minute exists; its number is unpublished, simulated.
  ban: [{ max: 100, period: MINUTE_MS }],
} as const satisfies Record<string, readonly Window[]>;

export type WindowName = keyof typeof WINDOWS;

const RECIPIENTS_A_DAY = 40;

/** Twitch's limits: one bucket of points per client and user, and windows for single calls. */
export class TwitchLimits {
  enabled = true;
  readonly #buckets = new Map<string, Bucket>();
  readonly #uses = new Map<string, number[]>();
  readonly #recipients = new Map<string, Map<string, number>>();

  constructor(private readonly now: Clock) {}

  /**
   * Takes one point. How a bucket refills within its minute is unpublished; simulated: all at once,
   * at the second that Ratelimit-Reset names.
   * @see https://dev.twitch.tv/docs/api/guide/#twitch-rate-limits
   */
  spendPoint(key: string): BucketAnswer {
    const now = this.now();
    if (!this.enabled) return { allowed: true, headers: writeHeaders(openBucket(now)) };
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      bucket = openBucket(now);
      this.#buckets.set(key, bucket);
    } else if (now >= bucket.reset) {
      bucket.remaining = bucket.limit;
      bucket.reset = now + MINUTE_MS;
    }
    const allowed = bucket.remaining > 0;
    if (allowed) bucket.remaining -= 1;
    return { allowed, headers: writeHeaders(bucket) };
  }

  /** The headers of an answer that no bucket paid for. */
  describeUntouched(): Readonly<Record<string, string>> {
    return writeHeaders(openBucket(this.now()));
  }

  /** Sets a bucket by hand; a limit stays, the remaining points last until the reset. */
  setBucket(key: string, given: { limit?: number; remaining?: number; reset_ms?: number }): Bucket {
    const now = this.now();
    const limit = given.limit ?? this.#buckets.get(key)?.limit ?? BUCKET_POINTS;
    const bucket = {
      limit,
      remaining: given.remaining ?? limit,
      reset: now + (given.reset_ms ?? MINUTE_MS),
    };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** Counts one use of a call; false when a window is full, and then nothing is counted. */
  spend(name: WindowName, key: string): boolean {
    if (!this.enabled) return true;
    const now = this.now();
    const windows: readonly Window[] = WINDOWS[name];
    const useKey = `${name}:${key}`;
    const longest = Math.max(...windows.map(({ period }) => period));
    const uses = (this.#uses.get(useKey) ?? []).filter((at) => at > now - longest);
    for (const { max, period } of windows) {
      if (uses.filter((at) => at > now - period).length >= max) return false;
    }
    uses.push(now);
    this.#uses.set(useKey, uses);
    if (this.#uses.size > SWEEP_AT) this.#sweep(now);
    return true;
  }

  /** Counts a whisper's recipient; false for the forty-first in a day. */
  spendRecipient(from: string, to: string): boolean {
    if (!this.enabled) return true;
    const now = this.now();
    let recipients = this.#recipients.get(from);
    if (!recipients) this.#recipients.set(from, (recipients = new Map()));
    for (const [id, at] of recipients) if (at <= now - DAY_MS) recipients.delete(id);
    if (!recipients.has(to) && recipients.size >= RECIPIENTS_A_DAY) return false;
    if (!recipients.has(to)) recipients.set(to, now);
    return true;
  }

  #sweep(now: number): void {
    for (const [key, uses] of this.#uses) {
      if ((uses.at(-1) ?? 0) <= now - LONGEST_MS) this.#uses.delete(key);
    }
  }

  clear(): void {
    this.enabled = true;
    this.#buckets.clear();
    this.#uses.clear();
    this.#recipients.clear();
  }
}

function openBucket(now: number): Bucket {
  return { limit: BUCKET_POINTS, remaining: BUCKET_POINTS, reset: now + MINUTE_MS };
}

function writeHeaders({ limit, remaining, reset }: Bucket): Record<string, string> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(Math.ceil(reset / 1_000)),
  };
}
