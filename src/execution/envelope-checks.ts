import { type Action, type ActionContext, refuseUnsupported } from '../actions/action.js';
import type { Call } from '../callers/call.js';
import type { Envelope } from '../actions/envelope.js';
import { ActionFailure, type FieldViolation, refuseInput } from '../actions/failures.js';
import type { FlagTargets } from '../safeguards/flags.js';
import type { CataloguedAction } from './catalogue.js';
import type { Run } from './run.js';
import { databaseClock } from '../config/database-clock.js';

/** A time beyond it is taken for a mistake. */
const FARTHEST_AHEAD_MS = 366 * 86_400_000;

/**
 * Finds the account and the actor of an envelope. An unresolved credential_ref stands for the account.
 * @throws ActionFailure INVALID_INPUT naming the missing field
 */
export function findContext(
  { id, call }: Run,
  { platform, action }: CataloguedAction,
  envelope: Envelope,
): ActionContext {
  const accountId = envelope.account_id ?? envelope.credential_ref ?? platform.defaultAccount ?? '';
  if (accountId === '' && action.actsAs !== 'app') {
    const message = `is missing; say whose ${platform.title} channel it is`;
    throw refuseInput([{ field: 'account_id', message }]);
  }
  const actorId = envelope.actor_id ?? accountId;
  if (action.actsAs !== 'actor' && actorId !== accountId) {
    const who =
      action.actsAs === 'app' ? 'the gateway itself does' : 'only the account itself can do';
    const message = `must be left out: on ${platform.title} ${who} ${action.type}`;
    throw refuseInput([{ field: 'actor_id', message }]);
  }
  return {
    actionId: id,
    account: { id: accountId },
    actor: { id: actorId },
    hasFile: call.file !== undefined,
  };
}

/** @throws ActionFailure UNSUPPORTED if the platform or this gateway does not offer what the envelope uses */
export function requireSupportedFeatures(
  { callback_url, credential_ref, account_id }: Envelope,
  { unsupported }: Action,
  offers: { readonly callbacks: boolean; readonly credentials: boolean },
): void {
  if (unsupported) throw refuseUnsupported(unsupported);
  const violations: FieldViolation[] = [];
  if (callback_url !== undefined && !offers.callbacks) {
    const message = 'needs CALLBACK_SECRETS, which this gateway does not have; leave it out';
    violations.push({ field: 'callback_url', message });
  }
  if (credential_ref !== undefined && !offers.credentials) {
    const message =
      'needs CREDENTIAL_SERVICE_URL, which this gateway does not have; send account_id';
    violations.push({ field: 'credential_ref', message });
  }
  if (violations.length === 0) {
    if (credential_ref === undefined || account_id === undefined) return;
    const message = 'stands in place of account_id: send one of the two';
    throw refuseInput([{ field: 'credential_ref', message }]);
  }
  const said = violations.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new ActionFailure('UNSUPPORTED', said, { violations });
}

/** @throws ActionFailure INVALID_INPUT if run_at is in the past or more than a year ahead */
export function requireTimeAhead({ run_at }: Pick<Envelope, 'run_at'>): void {
  if (run_at === undefined) return;
  const aheadMs = Date.parse(run_at) - databaseClock.now();
  const message = Number.isNaN(aheadMs)
    ? 'is no time; write it like 2027-01-31T18:30:00Z'
    : aheadMs < 0
      ? 'lies in the past; leave it out to carry the action out now'
      : aheadMs > FARTHEST_AHEAD_MS
        ? 'lies more than a year ahead'
        : undefined;
  if (message !== undefined) throw refuseInput([{ field: 'run_at', message }]);
}

/**
 * Reads the credential_ref of an envelope, which belongs to the caller's customer.
 * @throws ActionFailure NOT_ALLOWED if the caller has no owner
 */
export function readCredentialReference(
  { caller, traceId }: Call,
  { credential_ref, request_id }: Envelope,
) {
  if (credential_ref === undefined) return undefined;
  if (caller.owner === undefined) {
    throw new ActionFailure(
      'NOT_ALLOWED',
      `Caller "${caller.name}" belongs to no customer, whose credential_ref it could be: give it an "owner" with POST /api/v1/callers, or its token the claim "owner"`,
    );
  }
  return { customer: caller.owner, ref: credential_ref, correlationId: request_id ?? traceId };
}

/** The account, the actor and the caller, for flags that concern one of them. */
export function describeFlagTargets(
  { caller }: Call,
  { account, actor }: ActionContext,
): FlagTargets {
  return {
    accountId: account.id,
    actorId: actor.id,
    callerIdentity: caller.identity,
    callerName: caller.name,
  };
}

/** @throws ActionFailure NOT_ALLOWED naming what the caller lacks */
export function requirePermission(
  { caller }: Call,
  { platform, action_type, account_id, actor_id, credential_ref }: Envelope,
  { account, actor }: ActionContext,
  { forOperators }: Pick<Action, 'forOperators'>,
): void {
  const refuse = (lack: string): never => {
    throw new ActionFailure('NOT_ALLOWED', `Caller "${caller.name}" ${lack}`);
  };
  if (!caller.permissions.has('execute_actions')) refuse('lacks the permission execute_actions');
  if (caller.platforms && !caller.platforms.has(platform)) refuse(`may not act on ${platform}`);
  const action = `${platform}.${action_type}`;
  if (caller.actions && !caller.actions.has(action)) refuse(`may not carry out ${action}`);
  if (forOperators && caller.owner !== undefined)
    refuse(`belongs to a tenant, and ${action} concerns the application of all tenants`);
  // The account behind a reference is checked once it is resolved.
  const isKnown = credential_ref === undefined || account_id !== undefined;
  const concerned = isKnown ? [account, actor] : actor_id === undefined ? [] : [actor];
  for (const { id } of concerned) {
    // What the gateway does as itself may concern no account.
    if (id !== '' && caller.accounts && !caller.accounts.has(id))
      refuse(`may not act for account ${id}`);
  }
}

/** @throws ActionFailure INVALID_INPUT: an attached file is not kept for later */
export function refuseFile({ file }: Call): void {
  if (!file) return;
  const message =
    'must be left out of what is carried out later; name the address of a file instead';
  throw refuseInput([{ field: 'file', message }]);
}
