import { Injectable, Logger } from '@nestjs/common';
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  handleWhenResult,
  SamplingBreaker,
} from 'cockatiel';
import { ActionFailure } from '../actions/failures.js';
import type { Delivery } from '../actions/wire.js';
import { METRICS } from '../observability/metrics.js';

interface Breaker {
  readonly policy: CircuitBreakerPolicy;
  readonly samples: SamplingBreaker;
  openedAt: number;
}

/** Opens when four of five fail within the span, and there were enough to tell. */
const FAILING = { threshold: 0.8, duration: 10_000, minimumRps: 2 };
const OPEN_MS = 5_000;
const PROBE_MS = 1_000;

/**
 * Circuit breakers: a platform that is out of order is left alone for a while, and those who come are
 * told at once, instead of each finding out in its own time. One request in a while tries whether it
 * is back. What the platform says no to is no failure of it.
 */
@Injectable()
export class Breakers {
  readonly #logger = new Logger(Breakers.name);
  readonly #breakers = new Map<string, Breaker>();

  /** @throws ActionFailure PLATFORM_DOWN, with the time until it is tried again; nothing is sent */
  requireClosed(name: string, title: string): void {
    const breaker = this.#breakers.get(name);
    if (!breaker) return;
    const { state } = breaker.policy;
    const leftMs = breaker.openedAt + OPEN_MS - performance.now();
    if (state === CircuitState.Closed || (state === CircuitState.Open && leftMs <= 0)) return;
    throw new ActionFailure('PLATFORM_DOWN', `${title} is out of order; nothing was sent`, {
      retryAfterMs: leftMs > 0 ? leftMs : PROBE_MS,
    });
  }

  /** Sends, and takes note of what came of it. */
  watch(name: string, send: () => Promise<Delivery>): Promise<Delivery> {
    const { policy, samples } = this.#breakers.get(name) ?? this.#make(name);
    if (policy.state !== CircuitState.Closed) return policy.execute(send);
    return send().then((delivery) => {
      // What goes well is counted by hand: it is nearly all, and the policy wraps every call of its own.
      if (!isOutOfOrder(delivery)) samples.success(CircuitState.Closed);
      else if (policy.state === CircuitState.Closed) return policy.execute(() => delivery);
      return delivery;
    });
  }

  #make(name: string): Breaker {
    const samples = new SamplingBreaker(FAILING);
    const policy = circuitBreaker(
      handleWhenResult((delivery) => isOutOfOrder(delivery as Delivery)),
      { halfOpenAfter: OPEN_MS, breaker: samples },
    );
    const breaker: Breaker = { policy, samples, openedAt: 0 };
    policy.onBreak(() => {
      breaker.openedAt = performance.now();
      METRICS.breakerOpen.set({ breaker: name }, 1);
      this.#logger.warn(`${name} is out of order and is left alone for ${OPEN_MS / 1_000} s`);
    });
    policy.onHalfOpen(() => METRICS.breakerOpen.set({ breaker: name }, 0.5));
    policy.onReset(() => {
      METRICS.breakerOpen.set({ breaker: name }, 0);
      this.#logger.log(`${name} is back`);
    });
    METRICS.breakerOpen.set({ breaker: name }, 0);
    this.#breakers.set(name, breaker);
    return breaker;
  }
}

function isOutOfOrder(delivery: Delivery): boolean {
  return delivery.kind !== 'answered' || delivery.answer.status >= 500;
}
