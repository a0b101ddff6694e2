import type { Caller } from '../callers/caller.js';
import type { CataloguedAction } from './catalogue.js';

/**
 * Whether a caller may carry out an action for some account, by its permissions and bounds. The recipe asks for
 * each envelope again, with its account.
 */
export function isPermitted(
  caller: Caller,
  { platform, action }: Pick<CataloguedAction, 'platform' | 'action'>,
): boolean {
  return (
    caller.hasOneOf(['execute_actions']) &&
    caller.reachesAccount({ platform: platform.name }) &&
    (caller.actions?.has(`${platform.name}.${action.type}`) ?? true) &&
    !(action.forOperators && caller.owner !== undefined)
  );
}
