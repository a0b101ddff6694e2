import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import type { Grant, OAuthClient, Platform } from '../actions/platform.js';
import { Transport } from '../actions/wire.js';
import { databaseClock } from '../config/database-clock.js';
import { METRICS } from '../observability/metrics.js';
import { exchangeToken, findBackoff, LEASE_SECONDS, requireNoBackoff } from './token-exchange.js';

/** How long another replica's renewal is waited for: its lease and one more try. */
const LOOK_FOR_MS = 2 * LEASE_SECONDS * 1_000;

/** A grant whose refresh token is known, also if the platform gave no new one. */
export type RenewedGrant = Grant & { readonly refreshToken: string };

/** The end of an exchange without a clear answer. */
interface UnclearEnd {
  /** The refresh token surely never left, so nothing is in doubt. */
  readonly wasUnsent: boolean;
  /** Milliseconds until the token server may be asked again. */
  readonly retryAfterMs: number;
}

/** The right of this replica to renew one credential, until the lease ends. */
export interface RenewalLease<Credential> {
  readonly refreshToken: string;
  /** Left out for the OAuth client of the configuration. */
  readonly client?: OAuthClient | undefined;
  /** Exchanges of this credential without a clear answer, one after the other. */
  readonly failures: number;
  /** Gives the lease its full length again. */
  extend(): Promise<unknown>;
  /** Stores a grant before it is used; repeats that until it is stored. */
  store(grant: RenewedGrant): Promise<Credential>;
  /** The platform refused the grant. @throws ActionFailure RECONNECT_ACCOUNT unless there is a newer one */
  endDead(): Promise<Credential>;
  endUnclear(end: UnclearEnd): Promise<void>;
}

/** One look at a credential that is to be renewed. */
export type RenewalLook<Credential> =
  /** Renewed or replaced since. */
  | { readonly newer: Credential }
  | { readonly lease: RenewalLease<Credential> }
  /** Another replica renews it, or the token server must not be asked yet. Milliseconds; 0 for the first. */
  | { readonly backoffMs: number };

/** Where a credential is kept: the accounts of this gateway, or those of a credential service. */
export interface RenewalStore<Credential> {
  /** For error messages, such as "the token of account 1001". */
  readonly name: string;
  /** How often to look while another replica renews it. Milliseconds. */
  readonly lookEveryMs: number;
  /** @throws ActionFailure RECONNECT_ACCOUNT if it cannot be renewed */
  look(): Promise<RenewalLook<Credential>>;
}

/**
 * Renews a credential once in the cluster: replicas take turns by a lease in its row, and no connection is
 * held while the token server is asked.
 */
@Injectable()
export class Renewal {
  readonly #exchanges = new Set<Promise<unknown>>();

  constructor(private readonly transport: Transport) {}

  /** @throws ActionFailure RECONNECT_ACCOUNT for a dead grant, PLATFORM_DOWN without a clear answer */
  async renew<Credential>(
    platform: Platform,
    store: RenewalStore<Credential>,
  ): Promise<Credential> {
    const giveUpAt = performance.now() + LOOK_FOR_MS;
    for (;;) {
      const seen = await store.look();
      if ('newer' in seen) return seen.newer;
      if ('lease' in seen) return this.#track(this.#exchange(platform, store.name, seen.lease));
      requireNoBackoff(platform, store.name, seen.backoffMs);
      if (performance.now() > giveUpAt) {
        throw new ActionFailure(
          'PLATFORM_DOWN',
          `The renewal of ${store.name} takes too long; nothing was sent`,
        );
      }
      await sleep(store.lookEveryMs);
    }
  }

  /** Resolves when no exchange is under way: an answer that is on its way must be stored. */
  async whenIdle(): Promise<void> {
    while (this.#exchanges.size > 0) await Promise.allSettled(this.#exchanges);
  }

  #track<Result>(exchange: Promise<Result>): Promise<Result> {
    this.#exchanges.add(exchange);
    return exchange.finally(() => this.#exchanges.delete(exchange));
  }

  async #exchange<Credential>(
    platform: Platform,
    name: string,
    lease: RenewalLease<Credential>,
  ): Promise<Credential> {
    const { oauth } = platform;
    if (!oauth) throw new Error(`${platform.title} renews no tokens`);
    const request = oauth.buildRefresh(lease.refreshToken, lease.client);
    const delivery = await exchangeToken(this.transport, request, () => lease.extend());
    const grant = delivery.kind === 'answered' ? oauth.readRefresh(delivery.answer) : 'unclear';
    METRICS.tokenRefreshes.inc({
      platform: platform.name,
      result: typeof grant === 'string' ? grant : 'renewed',
    });
    if (grant === 'dead') return lease.endDead();
    if (grant === 'unclear') {
      const retryAfterMs = findBackoff(delivery, lease.failures, databaseClock.now());
      await lease.endUnclear({ wasUnsent: delivery.kind === 'unsent', retryAfterMs });
      const reason =
        delivery.kind === 'answered' ? `it answered ${delivery.answer.status}` : delivery.reason;
      throw new ActionFailure(
        'PLATFORM_DOWN',
        `${platform.title} did not renew ${name}: ${reason}`,
        { retryAfterMs },
      );
    }
    return lease.store({ ...grant, refreshToken: grant.refreshToken ?? lease.refreshToken });
  }
}
