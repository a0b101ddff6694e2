import { Injectable } from '@nestjs/common';
import type { Limit } from '../actions/action.js';
import { ActionFailure } from '../actions/failures.js';

/** Tokens that were taken, to be given back when nothing was sent. */
export interface Spending {
  /** When they may be used. */
  readonly at: number;
  /** The limits a token was taken of; a member that counts already takes none. */
  readonly limits: readonly Limit[];
}

interface Bucket {
  /** Moments at which tokens were taken or are reserved, in order. */
  readonly moments: number[];
  /** For buckets of distinct members: when each was counted. */
  readonly members: Map<string, number>;
  windowMs: number;
}

const SWEEP_EVERY_MS = 60_000;

/**
 * The platforms' limits as exact sliding windows. A wait that fits the caller's time is reserved, at
 * the first moment that is free, so that equals leave in order of arrival and whoever waits for one
 * limit holds nobody back at another. One that does not fit is refused at once. These windows are of
 * this replica alone.
 */
@Injectable()
export class Limits {
  readonly #buckets = new Map<string, Bucket>();
  #sweptAt = 0;

  /**
   * Takes a token of every limit, at the first moment that suits them all.
   * @param now, answerBy milliseconds on one monotonic clock
   * @returns the spending, whose `at` is when it may be used
   * @throws ActionFailure RATE_LIMITED with the wait, when it does not fit
   */
  reserve(limits: readonly Limit[], now: number, answerBy: number): Spending {
    this.#sweep(now);
    const at = this.#findMoment(limits, now);
    if (at > now && at >= answerBy) {
      const limit = limits.reduce((worst, next) =>
        this.#nextMoment(next, now) >= this.#nextMoment(worst, now) ? next : worst,
      );
      throw new ActionFailure(
        'RATE_LIMITED',
        `The limit of ${limit.tokens} in ${limit.windowMs / 1_000} s is spent (${limit.bucket}); next in ${Math.ceil((at - now) / 1_000)} s`,
        { retryAfterMs: at - now },
      );
    }
    return { at, limits: limits.filter((limit) => this.#take(limit, at, now)) };
  }

  /** Milliseconds an action would wait now. */
  predictWait(limits: readonly Limit[], now: number): number {
    return Math.max(0, Math.ceil(this.#findMoment(limits, now) - now));
  }

  /** Gives back what was taken for something that never left. */
  giveBack({ at, limits }: Spending): void {
    for (const { bucket: name, member, cost = 1 } of limits) {
      const bucket = this.#buckets.get(name);
      if (!bucket) continue;
      if (member !== undefined) {
        if (bucket.members.get(member) !== at) continue;
        bucket.members.delete(member);
      }
      const index = bucket.moments.indexOf(at);
      if (index >= 0) bucket.moments.splice(index, cost);
    }
  }

  /** What suits one limit may not suit another, so they are asked in turn until all agree. */
  #findMoment(limits: readonly Limit[], now: number): number {
    let at = now;
    for (;;) {
      const agreed = limits.reduce((latest, limit) => this.#nextMoment(limit, latest), at);
      if (agreed === at) return at;
      at = agreed;
    }
  }

  /**
   * The first moment, from one on, that fits in between what is taken and reserved. Where as many as
   * may share a window with us lie in less than a window, no moment near enough to all of them is free.
   */
  #nextMoment({ bucket: name, tokens, windowMs, cost = 1, member }: Limit, from: number): number {
    const bucket = this.#buckets.get(name);
    if (!bucket || isCounted(bucket, member, windowMs, from)) return from;
    const { moments } = bucket;
    const others = tokens - cost;
    let at = from;
    for (let index = 0; index + others < moments.length; index += 1) {
      const first = moments[index] ?? 0;
      const last = moments[index + others] ?? 0;
      if (at <= last - windowMs) break;
      if (last - first < windowMs) at = Math.max(at, first + windowMs);
    }
    return at;
  }

  /** @returns whether a token was taken */
  #take({ bucket: name, windowMs, cost = 1, member }: Limit, at: number, now: number): boolean {
    const bucket: Bucket = this.#buckets.get(name) ?? { moments: [], members: new Map(), windowMs };
    this.#buckets.set(name, bucket);
    bucket.windowMs = windowMs;
    if (isCounted(bucket, member, windowMs, at)) return false;
    if (member !== undefined) bucket.members.set(member, at);
    const { moments } = bucket;
    const inside = moments.findIndex((moment) => moment > now - windowMs);
    moments.splice(0, inside < 0 ? moments.length : inside);
    const later = moments.findIndex((moment) => moment > at);
    const taken = Array.from({ length: cost }, () => at);
    moments.splice(later < 0 ? moments.length : later, 0, ...taken);
    return true;
  }

  /** Buckets nobody used for a window are forgotten, so that memory follows traffic. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    for (const [name, { moments, members, windowMs }] of this.#buckets) {
      if ((moments.at(-1) ?? 0) < now - windowMs) this.#buckets.delete(name);
      for (const [member, at] of members) if (at < now - windowMs) members.delete(member);
    }
  }
}

/** Whether a member has its place in the window already. */
function isCounted(
  { members }: Bucket,
  member: string | undefined,
  windowMs: number,
  at: number,
): boolean {
  const counted = member === undefined ? undefined : members.get(member);
  return counted !== undefined && counted <= at && at < counted + windowMs;
}
