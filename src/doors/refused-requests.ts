import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { findCaller } from './door/open-call.js';
import { BudgetSpent, CallerBudgets } from '../safeguards/caller-budgets.js';
import { CallerAuthentication } from './caller-authentication.js';
import { DoorRefusal } from '../actions/door-refusal.js';

const COUNTED = Symbol('counted');

/** Notes that a request was counted, so that its refusal is not counted again. */
export function markCounted(carrier: object): void {
  (carrier as { [COUNTED]?: true })[COUNTED] = true;
}

/**
 * Counts requests that are refused before anything counts them, such as a body that is not JSON: otherwise
 * a caller could send any number of those.
 */
@Injectable()
export class RefusedRequests {
  constructor(
    private readonly budgets: CallerBudgets,
    private readonly authentication: CallerAuthentication,
  ) {}

  /**
   * @param carrier the object that the caller was noted on
   * @param holder the object that a token was read for
   * @returns the refusal to answer with: the same, or that the budget is spent
   */
  count(
    refusal: DoorRefusal,
    carrier: object,
    holder: object,
    authorization: () => unknown,
  ): DoorRefusal | Promise<DoorRefusal> {
    const isOfCaller = refusal.http >= 400 && refusal.http < 500 && refusal.http !== 429;
    if (!isOfCaller || refusal.isWrongCredential || COUNTED in carrier) return refusal;
    const caller = findCaller(carrier) ?? this.#readToken(holder, authorization);
    if (!caller) return refusal;
    markCounted(carrier);
    const spending = this.budgets.spend(caller.identity, caller.requestsPerMinute);
    if (!spending) return refusal;
    return spending.then(
      () => refusal,
      (error: unknown) => (error instanceof BudgetSpent ? refuseForNow(error) : refusal),
    );
  }

  #readToken(holder: object, authorization: () => unknown): Caller | undefined {
    try {
      return this.authentication.authenticate(holder, () => ({ authorization: authorization() }));
    } catch {
      return undefined;
    }
  }
}

function refuseForNow({ message, details }: BudgetSpent): DoorRefusal {
  return new DoorRefusal('RESOURCE_EXHAUSTED', 429, message, details.retryAfterMs);
}
