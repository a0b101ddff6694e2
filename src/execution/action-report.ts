import type { Attributes } from '@opentelemetry/api';
import { isSuccess, type Outcome } from '../actions/outcome.js';
import type { Config } from '../config/config.js';
import { areShownAsTheyAre, quoteShown } from '../observability/hidden-values.js';
import { METRICS } from '../observability/metrics.js';
import { writeReadyLine } from '../observability/ready-lines.js';
import { describeRequest, type Run } from './run.js';

/** Reports the outcome of a recorded action: metrics, trace and one log line. */
export function reportAction(run: Run, outcome: Outcome, wanted: Config['LOG_ACTIONS']): void {
  const isFine = isSuccess(outcome.status);
  countAction(run, outcome);
  const { platform, action } = run.found ?? {};
  const name = platform && action ? `${platform.name}.${action.type}` : 'action';
  const isFault = outcome.status === 'UNKNOWN' || isOurFault(outcome);
  run.trace.end(name, describeSpan(run, outcome), isFault);
  if (wanted === 'all' || (wanted === 'failed' && !isFine)) logAction(run, outcome, isFine);
}

/** Labels come from the catalogue alone: names from requests would make labels without limit. */
function countAction({ found, session, openedAt }: Run, outcome: Outcome): void {
  const platform = found?.platform.name ?? 'other';
  METRICS.actions.inc({
    platform,
    type: found?.action.type ?? 'other',
    outcome: outcome.status,
    failure: outcome.failure?.code ?? 'none',
    replayed: String(outcome.replayed),
  });
  if (outcome.replayed) return;
  const platformMs = session?.platformMs ?? 0;
  const gatewayMs = Math.max(0, performance.now() - openedAt - platformMs);
  METRICS.duration.observe({ platform, part: 'gateway' }, gatewayMs / 1_000);
  if (session === undefined) return;
  METRICS.duration.observe({ platform, part: 'platform' }, platformMs / 1_000);
  if (session.retries > 0) METRICS.retries.inc({ platform }, session.retries);
}

function describeSpan(
  { id, found, call }: Run,
  { status, failure, replayed }: Outcome,
): Attributes {
  return {
    'action.id': id,
    'action.platform': found?.platform.name ?? 'other',
    'action.type': found?.action.type ?? 'other',
    'action.status': status,
    'action.replayed': replayed,
    'action.door': call.door,
    ...(failure && { 'action.failure': failure.code }),
  };
}

/** Whether the gateway itself failed. A refusal is not a fault. */
function isOurFault({ failure }: Outcome): boolean {
  return failure?.code === 'INTERNAL' || failure?.code === 'GATEWAY_UNAVAILABLE';
}

/**
 * Writes one log line: account, outcome and times, never message content. The line is built as a text here,
 * since there is one for every action. Values from outside are searched for secrets.
 */
function logAction(run: Run, { status, failure, replayed }: Outcome, isFine: boolean): void {
  const { request_id, trace_id, batch_id, door, platform, action_type, account_id, actor_id } =
    run.entry ?? describeRequest(run);
  const { name: caller, identity } = run.call.caller;
  // Nearly always there is nothing to hide: one check of all values together is enough.
  const isPlain = areShownAsTheyAre(
    `${request_id} ${trace_id} ${caller} ${platform} ${action_type} ${account_id} ${actor_id}`,
  );
  const quote = (text: string): string => (isPlain ? `"${text}"` : quoteShown(text));
  // Several callers may have the same name; the identity is unique.
  const who = identity === caller ? '' : `,"caller_identity":${quote(identity)}`;
  const { session } = run;
  // Refused permissions have an area of their own, so that they can be searched for.
  const area = failure?.code === 'NOT_ALLOWED' ? 'authorisation' : 'audit';
  const batch = batch_id === null ? '' : `,"batch_id":"${batch_id}"`;
  const platformStatus = failure?.platform_status;
  const no =
    (failure ? `,"failure":"${failure.code}"` : '') +
    (platformStatus === undefined ? '' : `,"platform_status":${platformStatus}`);
  const platformMs = Math.round(session?.platformMs ?? 0);
  const ms = Math.round(performance.now() - run.openedAt);
  writeReadyLine(
    isFine ? 'info' : 'warn',
    `,"area":"${area}","action_id":"${run.id}","request_id":${quote(request_id)},"trace_id":${quote(trace_id)}${batch},"caller":${quote(caller)}${who},"door":"${door}","platform":${quote(platform)},"action_type":${quote(action_type)},"account_id":${quote(account_id)},"actor_id":${quote(actor_id)},"status":"${status}"${no}${replayed ? ',"replayed":true' : ''},"attempts":${session?.attempts ?? 0},"platform_ms":${platformMs},"ms":${ms},"context":"Actions","msg":"action finished"`,
  );
}
