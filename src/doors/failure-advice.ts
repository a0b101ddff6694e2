import type { FailureCode } from '../actions/failures.js';

/** What a person does about an action that failed with a code. */
export const FAILURE_ADVICE: Readonly<Record<FailureCode, string>> = {
  UNKNOWN_ACTION: 'Correct the platform or the action type: GET /api/v1/catalog lists them.',
  INVALID_INPUT: 'Correct the fields that the error names, and send the action again.',
  NOT_ALLOWED: 'Let a caller send it that may, or have an admin widen the bounds of this one.',
  APPROVAL_REQUIRED:
    'Ask a person to approve it: POST /api/v1/actions/replay with this action_id, or the console, carries it out once. Do not send it again; ask for its status.',
  ACTION_DISABLED: 'Look at the flags for who switched it off and why, and switch it on again.',
  ACCOUNT_NOT_CONNECTED: 'Connect the account, and send the action again.',
  RECONNECT_ACCOUNT:
    'Have a person connect the account again: make a link and give it to the owner of the account.',
  MISSING_SCOPE:
    'Have a person connect the account again with the group of this action: the missing scope is asked for then.',
  KEY_REUSED: 'Send the action with another idempotency key.',
  IN_PROGRESS: 'Wait, and ask for the first request again: it is still running.',
  RATE_LIMITED:
    'Send it again after retry_after_ms; GET /api/v1/limits shows which limit is spent.',
  QUOTA_EXHAUSTED: 'Wait for the reset of the quota, or queue the action with run_async.',
  DEADLINE_TOO_SHORT: 'Send it again with more time, or queue it with run_async.',
  CANCELLED: 'Nothing is to be done; send it again if it is wanted after all.',
  REFUSED: 'Read what the platform said in the error, and correct that.',
  NOT_FOUND:
    'Look for the message, user or thing at the platform: its id may be wrong or it is gone.',
  PLATFORM_DOWN: 'Send it again when the platform is back, or queue it with run_async.',
  OUTCOME_UNKNOWN: 'Look at the platform whether it happened before you send it again.',
  UNREADABLE_ANSWER: 'Look at the platform: it accepted the request. Do not send it again.',
  UNSUPPORTED: 'Use another action: this is not possible here.',
  GATEWAY_UNAVAILABLE: 'Send it again in a moment: nothing was sent.',
  INTERNAL: 'Look into the log of the gateway by the trace_id, and report the fault.',
};
