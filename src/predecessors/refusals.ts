import { CredentialRefusal } from './credential-refusal.js';
import { PREDECESSORS, findByRpc } from './predecessors.js';
import { readRoute } from '../doors/door/route.js';
import type { Predecessor } from './predecessor.js';
import { DoorRefusal } from '../actions/door-refusal.js';

/** The form in which a route of an earlier service says no; undefined for a route of ours. */
export function findEarlierForm(config: unknown): Predecessor | undefined {
  const { refusesAs } = readRoute(config) ?? {};
  return refusesAs === undefined || refusesAs === 'media' ? undefined : PREDECESSORS[refusesAs];
}

/** The line of a refusal in the words of an earlier service. */
export function wordRefusal({ rejects }: Predecessor, refusal: DoorRefusal): string {
  if (!(refusal instanceof CredentialRefusal)) return refusal.message;
  return rejects[refusal.fault](refusal.detail);
}

/** The same at a route that is ours as well, of which there are those of the earlier Twitch service. */
export function wordShared(refusal: DoorRefusal): DoorRefusal {
  if (!(refusal instanceof CredentialRefusal)) return refusal;
  const { grpc, http } = refusal;
  return new DoorRefusal(grpc, http, wordRefusal(PREDECESSORS.twitch, refusal));
}

/**
 * The OK answer by which an RPC of an earlier service says no; undefined for an RPC of ours, and where
 * nothing is wrong with the request and it may be repeated as it is.
 */
export function answerRefusedRpc(path: string, refusal: DoorRefusal): object | undefined {
  const found = findByRpc(path);
  if (!found || !SAID_INSIDE.has(refusal.grpc)) return undefined;
  const error = wordRpcRefusal(refusal);
  if (found.operation) {
    const isYouTube = found.predecessor.name === 'youtube';
    return { success: false, ...(isYouTube ? { message: error } : { error }) };
  }
  if (found.rpc === 'GetActionStatus')
    return { action_id: '', status: 'not_found', message: error, metadata: {} };
  if (found.rpc !== 'ExecuteAction') return undefined;
  return { success: false, message: 'Action execution failed', action_id: '', error };
}

/** Nos about the request itself; all others are about the gateway, which is a status of the call. */
const SAID_INSIDE: ReadonlySet<string> = new Set([
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
]);

/** The words of the earlier Discord service, the only one that asked who it was over gRPC. */
function wordRpcRefusal(refusal: DoorRefusal): string {
  if (!(refusal instanceof CredentialRefusal)) return refusal.message;
  const { fault, detail } = refusal;
  const what = fault === 'expired' ? 'Token expired' : `Invalid token: ${detail}`;
  return `Authentication failed: ${what}`;
}
