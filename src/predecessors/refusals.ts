import type { DoorRefusal } from '../actions/door-refusal.js';
import { CredentialRefusal } from './credential-refusal.js';
import type { Predecessor } from './predecessor.js';

/** Refusals of the request itself; all others are about the gateway, which is a status of the call. */
const REFUSED_IN_ANSWER: ReadonlySet<string> = new Set([
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
]);

/**
 * The OK answer by which an RPC of an earlier service refuses; undefined where nothing is wrong with the
 * request and it may be repeated as it is.
 */
export function answerRefusedRpc(
  { name, operations }: Predecessor,
  rpc: string,
  refusal: DoorRefusal,
): object | undefined {
  if (!REFUSED_IN_ANSWER.has(refusal.grpc)) return undefined;
  const error = wordRpcRefusal(refusal);
  if (operations.some((operation) => operation.rpc === rpc))
    return { success: false, ...(name === 'youtube' ? { message: error } : { error }) };
  if (rpc === 'GetActionStatus')
    return { action_id: '', status: 'not_found', message: error, metadata: {} };
  if (rpc !== 'ExecuteAction') return undefined;
  return { success: false, message: 'Action execution failed', action_id: '', error };
}

/** The words of the earlier Discord service, the only one that authenticated its callers over gRPC. */
function wordRpcRefusal(refusal: DoorRefusal): string {
  if (!(refusal instanceof CredentialRefusal)) return refusal.message;
  const { fault, detail } = refusal;
  const what = fault === 'expired' ? 'Token expired' : `Invalid token: ${detail}`;
  return `Authentication failed: ${what}`;
}
