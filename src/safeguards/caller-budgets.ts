import { Inject, Injectable } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import { CONFIG, type Config } from '../config/config.js';
import { Limits } from './limits.js';

/** Requests of a caller's minute that this replica may let through. */
interface Lease {
  left: number;
  /** What no replica had taken of the minute when this was leased. */
  readonly elsewhere: number;
  /** Whether the minute has no more to give. */
  readonly isLast: boolean;
  /** When the minute ends, on the clock of `performance.now()`; rather too early than too late. */
  readonly endsAt: number;
}

/** What a caller may ask for in a minute, and what is left of it. */
export interface BudgetView {
  readonly perMinute: number;
  /** As far as this replica knows; undefined where it has counted nothing in this minute. */
  readonly now?: { readonly left: number; readonly endsInMs: number };
}

/** A replica takes this share of a minute at a time: few rounds, and little that lies idle elsewhere. */
const SHARE = 1 / 100;
const SWEEP_ABOVE = 10_000;
const TOKENS_PER_MINUTE = 60;
const TOKENS_OF = 'tokens of ';

/**
 * What a caller may ask for in a minute, on all replicas together, so that one caller's flood is not
 * everybody's. Replicas lease portions of the minute of the database, which never add up to more.
 */
@Injectable()
export class CallerBudgets {
  readonly #leases = new Map<string, Lease>();
  readonly #renewals = new Map<string, Promise<void>>();

  constructor(
    private readonly limits: Limits,
    @Inject(CONFIG) private readonly config: Pick<Config, 'CALLER_REQUESTS_PER_MINUTE'>,
  ) {}

  /**
   * Counts one request.
   * @param perMinute the caller's own budget, where it has one
   * @param weight of the request; a request that weighs more than the budget takes all of it
   * @returns undefined where it is counted at once
   * @throws BudgetSpent with the time until the next minute
   */
  spend(
    callerId: string,
    perMinute = this.config.CALLER_REQUESTS_PER_MINUTE,
    weight = 1,
  ): Promise<void> | undefined {
    if (perMinute === 0) return undefined;
    const left = this.#take(callerId, Math.min(weight, perMinute));
    return left === 0 ? undefined : this.#await(callerId, perMinute, left);
  }

  /** Counts one token, apart from requests: a caller that is out of those can still have a token. */
  spendForToken(callerId: string): Promise<void> | undefined {
    return this.spend(`${TOKENS_OF}${callerId}`, TOKENS_PER_MINUTE);
  }

  /** Tells a caller's budget without counting anything; undefined where it has no limit. */
  describe(
    callerId: string,
    perMinute = this.config.CALLER_REQUESTS_PER_MINUTE,
  ): BudgetView | undefined {
    if (perMinute === 0) return undefined;
    const lease = this.#findRunning(callerId);
    if (!lease) return { perMinute };
    const endsInMs = lease.endsAt - performance.now();
    return { perMinute, now: { left: lease.left + lease.elsewhere, endsInMs } };
  }

  async #await(callerId: string, perMinute: number, weight: number): Promise<void> {
    let left = weight;
    do {
      const spent = this.#findRunning(callerId);
      if (spent?.isLast) throw new BudgetSpent(perMinute, spent);
      await this.#renew(callerId, perMinute);
      left = this.#take(callerId, left);
    } while (left > 0);
  }

  /** @returns what of the weight is not at hand in a running minute */
  #take(callerId: string, weight: number): number {
    const lease = this.#findRunning(callerId);
    if (!lease) return weight;
    const taken = Math.min(weight, lease.left);
    lease.left -= taken;
    return weight - taken;
  }

  #findRunning(callerId: string): Lease | undefined {
    const lease = this.#leases.get(callerId);
    return lease && performance.now() < lease.endsAt ? lease : undefined;
  }

  /** Those who come while a lease is on its way share it. */
  #renew(callerId: string, perMinute: number): Promise<void> {
    const running = this.#renewals.get(callerId);
    if (running) return running;
    const renewal = this.#lease(callerId, perMinute).finally(() => this.#renewals.delete(callerId));
    this.#renewals.set(callerId, renewal);
    return renewal;
  }

  async #lease(callerId: string, perMinute: number): Promise<void> {
    const askedAt = performance.now();
    const wanted = Math.max(1, Math.floor(perMinute * SHARE));
    const row = nameRow(callerId);
    const { granted, left, endsInMs } = await this.limits.grant(row, { perMinute, wanted });
    if (this.#leases.size > SWEEP_ABOVE) this.#sweep();
    const isLast = granted < wanted;
    const endsAt = askedAt + endsInMs;
    this.#leases.set(callerId, { left: granted, elsewhere: left, isLast, endsAt });
  }

  #sweep(): void {
    for (const [callerId, { endsAt }] of this.#leases)
      if (endsAt <= performance.now()) this.#leases.delete(callerId);
  }
}

/** Names of callers are free text, and PostgreSQL takes no NUL. */
function nameRow(callerId: string): string {
  return `gateway:caller:${callerId.replaceAll(/\p{Cc}/gu, '?')}`;
}

/** The budget of a caller is spent. Such a request is answered, and not recorded. */
export class BudgetSpent extends ActionFailure {
  constructor(perMinute: number, { endsAt }: Pick<Lease, 'endsAt'>) {
    super('RATE_LIMITED', `This caller's ${perMinute} requests of this minute are spent`, {
      retryAfterMs: Math.max(0, endsAt - performance.now()),
    });
  }
}
