import { type Action, type ActionContext, refuseUnsupported } from '../actions/action.js';
import type { Call } from '../actions/caller.js';
import type { Envelope } from '../actions/envelope.js';
import { ActionFailure, type FieldViolation, refuseInput } from '../actions/failures.js';
import type { FlagConcerned } from '../safeguards/flags.js';
import type { CataloguedAction } from './catalogue.js';
import type { Run } from './run.js';

/** Nobody means a time beyond it. */
const FARTHEST_AHEAD_MS = 366 * 86_400_000;

/** Whose channel, and who acts in it. @throws ActionFailure INVALID_INPUT naming what is missing */
export function findContext(
  { id, call }: Run,
  { platform, action }: CataloguedAction,
  envelope: Envelope,
): ActionContext {
  const accountId = envelope.account_id ?? platform.defaultAccount;
  if (accountId === undefined) {
    const message = `is missing; say whose ${platform.title} channel it is`;
    throw refuseInput([{ field: 'account_id', message }]);
  }
  const actorId = envelope.actor_id ?? accountId;
  if (action.actsAs === 'account' && actorId !== accountId) {
    const message = `must be left out: on ${platform.title} only the account itself can do ${action.type}`;
    throw refuseInput([{ field: 'actor_id', message }]);
  }
  return {
    actionId: id,
    account: { id: accountId },
    actor: { id: actorId },
    hasFile: call.file !== undefined,
  };
}

/** @throws ActionFailure UNSUPPORTED for what the platform, or this version, has no way to do */
export function refuseWhatIsNotOffered(
  { callback_url, credential_ref }: Envelope,
  { unsupported }: Action,
  hasCallbacks: boolean,
): void {
  if (unsupported) throw refuseUnsupported(unsupported);
  const violations: FieldViolation[] = [];
  if (callback_url !== undefined && !hasCallbacks) {
    const message = 'needs CALLBACK_SECRETS, which this gateway does not have; leave it out';
    violations.push({ field: 'callback_url', message });
  }
  if (credential_ref !== undefined) {
    const message = 'is not offered by this version; leave it out';
    violations.push({ field: 'credential_ref', message });
  }
  if (violations.length === 0) return;
  const said = violations.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new ActionFailure('UNSUPPORTED', said, { violations });
}

/** @throws ActionFailure INVALID_INPUT for a time that is over, or that nobody plans for */
export function requireTimeAhead({ run_at }: Envelope): void {
  if (run_at === undefined) return;
  const aheadMs = Date.parse(run_at) - Date.now();
  const message = Number.isNaN(aheadMs)
    ? 'is no time; write it like 2027-01-31T18:30:00Z'
    : aheadMs < 0
      ? 'lies in the past; leave it out to carry the action out now'
      : aheadMs > FARTHEST_AHEAD_MS
        ? 'lies more than a year ahead'
        : undefined;
  if (message !== undefined) throw refuseInput([{ field: 'run_at', message }]);
}

/** Whom a flag may be about. */
export function describeConcerned(
  { caller }: Call,
  { account, actor }: ActionContext,
): FlagConcerned {
  return { accountId: account.id, actorId: actor.id, callerId: caller.id };
}

/** @throws ActionFailure NOT_ALLOWED naming what the token lacks */
export function requirePermission(
  { caller }: Call,
  { platform, action_type }: Envelope,
  { account, actor }: ActionContext,
): void {
  const refuse = (lack: string): never => {
    throw new ActionFailure('NOT_ALLOWED', `Caller "${caller.id}" ${lack}`);
  };
  if (!caller.permissions.has('execute_actions')) refuse('lacks the permission execute_actions');
  if (caller.platforms && !caller.platforms.has(platform)) refuse(`may not act on ${platform}`);
  const action = `${platform}.${action_type}`;
  if (caller.actions && !caller.actions.has(action)) refuse(`may not carry out ${action}`);
  for (const { id } of [account, actor]) {
    if (caller.accounts && !caller.accounts.has(id)) refuse(`may not act for account ${id}`);
  }
}

/** @throws ActionFailure INVALID_INPUT: what is attached to a request does not outlive it */
export function refuseFile({ file }: Call): void {
  if (!file) return;
  const message =
    'must be left out of what is carried out later; name the address of a file instead';
  throw refuseInput([{ field: 'file', message }]);
}
