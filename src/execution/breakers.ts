import { Injectable, Logger } from '@nestjs/common';
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  handleWhenResult,
  type IBreaker,
  SamplingBreaker,
} from 'cockatiel';
import { ActionFailure } from '../actions/failures.js';
import type { Delivery } from '../actions/wire.js';
import { METRICS } from '../observability/metrics.js';
import type { AddressRest } from '../safeguards/address-rests.js';

/** The target of a request: its service, its account or resource, and its route. */
export interface UpstreamRoute {
  /** The service, such as `twitch`. */
  readonly service: string;
  /** Its display name. */
  readonly title: string;
  /** The account or the resource. Its failures say nothing about other resources. */
  readonly resource: string;
  /** Omitted where the service has one route. */
  readonly route?: string;
}

export const BREAKER_STATES = ['closed', 'half_open', 'open'] as const;
/** `half_open`: one request at a time tries whether the service is back. */
export type BreakerState = (typeof BREAKER_STATES)[number];

interface Breaker {
  readonly policy: CircuitBreakerPolicy;
  readonly samples: IBreaker;
  openedAt: number;
}

/** One resource on one route. */
interface Lane extends Breaker {
  readonly target: UpstreamRoute;
  failures: number;
  /** On the clock of `performance.now()`; `-Infinity` if never. */
  failedAt: number;
  succeededAt: number;
}

interface Service {
  readonly name: string;
  readonly breaker: Breaker;
  readonly lanes: Map<string, Lane>;
  /** The service blocks this address until then; on the clock of `performance.now()`. */
  restsUntil: number;
  restReason: string;
}

/** Two blocks whose ends differ by less are the same block, measured twice. */
const SAME_REST_MS = 1_000;
const SPAN_MS = 10_000;
/** A breaker opens when four of five requests fail within the span, given enough requests. */
const FAILING = { threshold: 0.8, duration: SPAN_MS, minimumRps: 2 };
const ENOUGH = (FAILING.minimumRps * SPAN_MS) / 1_000;
const OPEN_MS = 5_000;
const PROBE_MS = 1_000;
/** The most lanes kept for one service; the least recently used are dropped first. */
const MOST_LANES = 5_000;

/**
 * Circuit breakers. Each resource has one breaker for each route, so that the failures of one account do not
 * block another. The breaker of a whole service opens only when several resources fail on several routes
 * and four of five resources in use had no success. While a breaker is open, one request at a time probes
 * whether the service is back. A refusal by the platform is not a failure.
 */
@Injectable()
export class Breakers {
  readonly #logger = new Logger(Breakers.name);
  readonly #services = new Map<string, Service>();
  #tellRest: (rest: AddressRest) => void = () => undefined;

  /** @throws ActionFailure PLATFORM_DOWN or RATE_LIMITED, with the time until it is tried again; nothing is sent */
  requireClosed(target: UpstreamRoute): void {
    const service = this.#services.get(target.service);
    if (!service) return;
    const restMs = service.restsUntil - performance.now();
    if (restMs > 0)
      throw new ActionFailure('RATE_LIMITED', `${service.restReason}; nothing was sent`, {
        retryAfterMs: restMs,
      });
    requireClosed(service.breaker, `${target.title} is out of order`);
    const lane = service.lanes.get(nameLane(target));
    if (lane) requireClosed(lane, `${target.title} is out of order for this account and route`);
  }

  /**
   * Sends nothing to a service for a while, because it blocks this address.
   * @param reason a sentence without its full stop
   */
  rest(
    { service, title }: Pick<UpstreamRoute, 'service' | 'title'>,
    forMs: number,
    reason: string,
  ): void {
    const rest = { service, title, reason, forMs };
    if (this.learnRest(rest)) this.#tellRest(rest);
  }

  /** Sets the callback for blocks that this replica meets itself. */
  onRest(tell: (rest: AddressRest) => void): void {
    this.#tellRest = tell;
  }

  /** Records a block that another replica has met. @returns false if a block as long is known already */
  learnRest({ service, title, reason, forMs }: AddressRest): boolean {
    const known = this.#findService(service);
    const until = performance.now() + forMs;
    if (until <= known.restsUntil + SAME_REST_MS) return false;
    known.restsUntil = until;
    known.restReason = reason;
    const seconds = Math.round(forMs / 1_000);
    this.#logger.warn(`${title} blocks this address: nothing is sent to it for ${seconds} s`);
    return true;
  }

  /** Ends the block: the service accepts requests of this address again. */
  endRest(service: string): void {
    this.#findService(service).restsUntil = 0;
  }

  /** Whether requests to a service are sent: the state of its breaker in this replica. */
  readState(service: string): BreakerState {
    const known = this.#services.get(service);
    if (!known) return 'closed';
    if (known.restsUntil > performance.now()) return 'open';
    const { policy } = known.breaker;
    if (policy.state === CircuitState.Closed) return 'closed';
    return policy.state === CircuitState.Open && !isDue(known.breaker) ? 'open' : 'half_open';
  }

  /** Sends a request through its breakers, and records whether it failed. */
  watch(target: UpstreamRoute, send: () => Promise<Delivery>): Promise<Delivery> {
    const service = this.#findService(target.service);
    const lane = this.#findLane(service, target);
    const sendAndNote = (): Promise<Delivery> =>
      send().then((delivery) => {
        if (isOutOfOrder(delivery)) noteFailure(lane);
        else lane.succeededAt = performance.now();
        return delivery;
      });
    return sendThrough(service.breaker, () => sendThrough(lane, sendAndNote));
  }

  #findService(name: string): Service {
    const known = this.#services.get(name);
    if (known) return known;
    const lanes = new Map<string, Lane>();
    const breaker = this.#makeBreaker(new Spread(lanes), (state) => {
      METRICS.breakerOpen.set({ breaker: name }, state);
      if (state === 1)
        this.#logger.warn(
          `${name} is out of order: nothing is sent to it for ${OPEN_MS / 1_000} s`,
        );
      if (state === 0) this.#logger.log(`${name} is back`);
    });
    METRICS.breakerOpen.set({ breaker: name }, 0);
    const service: Service = { name, breaker, lanes, restsUntil: 0, restReason: '' };
    this.#services.set(name, service);
    return service;
  }

  #findLane({ name, lanes }: Service, target: UpstreamRoute): Lane {
    const key = nameLane(target);
    const known = lanes.get(key);
    if (known) return known;
    if (lanes.size >= MOST_LANES) forgetIdle(lanes);
    const breaker = this.#makeBreaker(new SamplingBreaker(FAILING), (state) => {
      if (state === 1)
        this.#logger.warn(
          `${name} fails for one account or resource on ${target.route ?? 'its route'}: nothing is sent there for ${OPEN_MS / 1_000} s`,
        );
    });
    const never = { failures: 0, failedAt: -Infinity, succeededAt: -Infinity };
    const lane: Lane = Object.assign(breaker, { target, ...never });
    lanes.set(key, lane);
    return lane;
  }

  /** @param tell called with 1 when it opens, 0.5 when it tries, 0 when it closes */
  #makeBreaker(samples: IBreaker, tell: (state: 0 | 0.5 | 1) => void): Breaker {
    const policy = circuitBreaker(
      handleWhenResult((delivery) => isOutOfOrder(delivery as Delivery)),
      { halfOpenAfter: OPEN_MS, breaker: samples },
    );
    const breaker: Breaker = { policy, samples, openedAt: 0 };
    policy.onBreak(() => {
      breaker.openedAt = performance.now();
      tell(1);
    });
    policy.onHalfOpen(() => tell(0.5));
    policy.onReset(() => tell(0));
    return breaker;
  }
}

/** Decides about a whole service by the failures and successes of its lanes within the span. */
class Spread implements IBreaker {
  state: unknown;

  constructor(private readonly lanes: ReadonlyMap<string, Lane>) {}

  success(): void {}

  failure(): boolean {
    const since = performance.now() - SPAN_MS;
    const healthy = new Set<string>();
    const failing = new Set<string>();
    const routes = new Set<string | undefined>();
    let failures = 0;
    for (const { target, failedAt, succeededAt, failures: count } of this.lanes.values()) {
      if (succeededAt > since) healthy.add(target.resource);
      if (failedAt <= since) continue;
      failing.add(target.resource);
      routes.add(target.route);
      failures += count;
    }
    for (const resource of healthy) failing.delete(resource);
    const isSpread = failing.size > 1 && (routes.size > 1 || routes.has(undefined));
    const share = failing.size / (failing.size + healthy.size);
    return isSpread && failures >= ENOUGH && share >= FAILING.threshold;
  }
}

function sendThrough(breaker: Breaker, send: () => Promise<Delivery>): Promise<Delivery> {
  const { policy } = breaker;
  if (policy.state === CircuitState.Open && isDue(breaker)) return policy.execute(send);
  return send().then((delivery) => {
    // Successes bypass the policy, which would wrap every call: nearly all requests succeed.
    if (policy.state !== CircuitState.Closed) return delivery;
    if (isOutOfOrder(delivery)) return policy.execute(() => delivery);
    breaker.samples.success(CircuitState.Closed);
    return delivery;
  });
}

/** Whether a breaker has been open for long enough to probe. */
function isDue({ openedAt }: Breaker): boolean {
  return openedAt + OPEN_MS <= performance.now();
}

function requireClosed({ policy, openedAt }: Breaker, reason: string): void {
  const { state } = policy;
  if (state === CircuitState.Closed) return;
  const leftMs = openedAt + OPEN_MS - performance.now();
  if (state === CircuitState.Open && leftMs <= 0) return;
  throw new ActionFailure('PLATFORM_DOWN', `${reason}; nothing was sent`, {
    retryAfterMs: leftMs > 0 ? leftMs : PROBE_MS,
  });
}

function noteFailure(lane: Lane): void {
  const now = performance.now();
  lane.failures = lane.failedAt > now - SPAN_MS ? lane.failures + 1 : 1;
  lane.failedAt = now;
}

/** Drops the least recently used half, but no open breaker. */
function forgetIdle(lanes: Map<string, Lane>): void {
  const lastUse = ({ failedAt, succeededAt }: Lane): number => Math.max(failedAt, succeededAt);
  const idle = [...lanes]
    .filter(([, { policy }]) => policy.state === CircuitState.Closed)
    .toSorted(([, a], [, b]) => lastUse(a) - lastUse(b));
  for (const [key] of idle.slice(0, MOST_LANES / 2)) lanes.delete(key);
}

function nameLane({ resource, route = '' }: UpstreamRoute): string {
  return `${route} ${resource}`;
}

function isOutOfOrder(delivery: Delivery): boolean {
  return delivery.kind !== 'answered' || delivery.answer.status >= 500;
}
