import type { ActionContext } from '../../actions/action.js';
import type { FieldViolation } from '../../actions/failures.js';

/** The fault of a read about one channel that names none: neither a user nor an account. */
export function requireSubject(
  { user_id }: { readonly user_id?: string },
  { account }: ActionContext,
): FieldViolation[] {
  return user_id === undefined && account.id === ''
    ? [{ field: 'user_id', message: 'is missing, and so is account_id: say whose channel' }]
    : [];
}
