import type { Action } from '../actions/action.js';
import { ActionFailure } from '../actions/failures.js';
import type { Caller } from '../callers/caller.js';
import { type CataloguedAction, nameOf } from './catalogue.js';

/**
 * Whether a caller may carry out an action for some account, by its permissions and bounds. The recipe asks for
 * each envelope again, with its account.
 */
export function isPermitted(caller: Caller, found: CataloguedAction): boolean {
  const { platform, action } = found;
  return (
    caller.hasOneOf(['execute_actions']) &&
    caller.reachesAccount({ platform: platform.name }) &&
    (caller.actions?.has(nameOf(found)) ?? true) &&
    !(action.forOperators && caller.owner !== undefined) &&
    !isForbidden(caller, action)
  );
}

/**
 * Whether the policy of a caller allows the effect of an action. It is asked for each action at every door, and
 * once more when an action from the queue has its turn.
 * @throws ActionFailure NOT_ALLOWED, APPROVAL_REQUIRED
 */
export function requirePolicy(
  caller: Caller,
  action: Pick<Action, 'type' | 'effect' | 'destructive'>,
  isDryRun: boolean,
): void {
  if (isDryRun || action.effect === 'read') return;
  if (caller.policy === 'approval_first')
    throw new ActionFailure(
      'APPROVAL_REQUIRED',
      `Caller "${caller.name}" has the policy approval_first: another caller has to approve ${action.type}`,
    );
  if (!isForbidden(caller, action)) return;
  throw new ActionFailure(
    'NOT_ALLOWED',
    `Caller "${caller.name}" has the policy ${caller.policy}, which forbids ${action.type}`,
  );
}

/** Whether no approval can help. */
function isForbidden(
  { policy }: Caller,
  { effect, destructive }: Pick<Action, 'effect' | 'destructive'>,
): boolean {
  if (effect === 'read') return false;
  return policy === 'read_only' || (policy === 'no_destructive_effects' && destructive);
}
