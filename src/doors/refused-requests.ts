import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { attachCaller, type Carrier, findCaller } from './door/open-call.js';
import { BudgetSpent, CallerBudgets } from '../safeguards/caller-budgets.js';
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
  constructor(private readonly budgets: CallerBudgets) {}

  /**
   * @param carrier the object that the caller was noted on
   * @param identify who asks, by the credential of the request; may throw or reject
   * @returns the refusal to answer with: the same, or that the budget is spent
   */
  count(
    refusal: DoorRefusal,
    carrier: object,
    identify: () => Caller | Promise<Caller>,
  ): DoorRefusal | Promise<DoorRefusal> {
    const isOfCaller = refusal.http >= 400 && refusal.http < 500 && refusal.http !== 429;
    if (!isOfCaller || refusal.isWrongCredential || COUNTED in carrier) return refusal;
    const caller = findCaller(carrier) ?? tryToIdentify(identify);
    if (!(caller instanceof Promise)) return this.#countFor(caller, refusal, carrier);
    return caller.then(
      (found) => this.#countFor(found, refusal, carrier),
      () => refusal,
    );
  }

  #countFor(
    caller: Caller | undefined,
    refusal: DoorRefusal,
    carrier: object,
  ): DoorRefusal | Promise<DoorRefusal> {
    if (!caller) return refusal;
    markCounted(carrier);
    attachCaller(carrier as Carrier, caller);
    const spending = this.budgets.spend(caller.identity, caller.requestsPerMinute);
    if (!spending) return refusal;
    return spending.then(
      () => refusal,
      (error: unknown) => (error instanceof BudgetSpent ? refuseForNow(error) : refusal),
    );
  }
}

function tryToIdentify(
  identify: () => Caller | Promise<Caller>,
): Caller | Promise<Caller> | undefined {
  try {
    return identify();
  } catch {
    return undefined;
  }
}

function refuseForNow({ message, details }: BudgetSpent): DoorRefusal {
  return new DoorRefusal('RESOURCE_EXHAUSTED', 429, message, details.retryAfterMs);
}
