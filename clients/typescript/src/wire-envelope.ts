import type { ActionRequest } from './platform-actions.js';
import type { WireEnvelope } from './transport.js';

/** The envelope of a request, with the names of the contract. */
export function writeEnvelope(request: Omit<ActionRequest, 'upload'>): WireEnvelope {
  const { runAt } = request;
  return {
    platform: request.platform,
    action_type: request.actionType,
    account_id: request.account,
    actor_id: request.actor,
    credential_ref: request.credentialRef,
    parameters: request.parameters,
    idempotency_key: request.idempotencyKey,
    request_id: request.requestId,
    dry_run: request.dryRun,
    run_async: request.runAsync,
    run_at: runAt instanceof Date ? runAt.toISOString() : runAt,
    callback_url: request.callbackUrl,
    priority: request.priority,
  };
}
