import type { Attributes } from '@opentelemetry/api';
import { isSuccess, type Outcome } from '../actions/outcome.js';
import type { Config } from '../config/config.js';
import { quoteShown } from '../observability/hidden-values.js';
import { METRICS } from '../observability/metrics.js';
import { writeReadyLine } from '../observability/ready-lines.js';
import { describeEntry, type Run } from './run.js';

/** Says of an action what became of it, once it is recorded. */
export function reportAction(run: Run, outcome: Outcome, wanted: Config['LOG_ACTIONS']): void {
  const isFine = isSuccess(outcome.status);
  countAction(run, outcome);
  const { platform, action } = run.found ?? {};
  const name = platform && action ? `${platform.name}.${action.type}` : 'action';
  const isFault = outcome.status === 'UNKNOWN' || isOurFault(outcome);
  run.trace.end(name, describeSpan(run, outcome), isFault);
  if (wanted === 'all' || (wanted === 'failed' && !isFine)) logAction(run, outcome, isFine);
}

/** Names come from the catalogue alone: what a request says would be labels without end. */
function countAction({ found, passage, openedAt }: Run, outcome: Outcome): void {
  const platform = found?.platform.name ?? 'other';
  METRICS.actions.inc({
    platform,
    type: found?.action.type ?? 'other',
    outcome: outcome.status,
    failure: outcome.failure?.code ?? 'none',
    replayed: String(outcome.replayed),
  });
  if (outcome.replayed) return;
  const platformMs = passage?.platformMs ?? 0;
  const gatewayMs = Math.max(0, performance.now() - openedAt - platformMs);
  METRICS.duration.observe({ platform, part: 'gateway' }, gatewayMs / 1_000);
  if (passage === undefined) return;
  METRICS.duration.observe({ platform, part: 'platform' }, platformMs / 1_000);
  if (passage.retries > 0) METRICS.retries.inc({ platform }, passage.retries);
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

/** A no that is meant is no fault. */
function isOurFault({ failure }: Outcome): boolean {
  return failure?.code === 'INTERNAL' || failure?.code === 'GATEWAY_UNAVAILABLE';
}

/**
 * One line: whose action, what became of it, and where the time went. Never what was said. It is put
 * together here, since there is one for every action; what comes from outside is looked through.
 */
function logAction(run: Run, { status, failure, replayed }: Outcome, isFine: boolean): void {
  const entry = run.entry ?? describeEntry(run);
  const { passage } = run;
  // Who was not permitted is asked for by another name than what was done.
  const area = failure?.code === 'NOT_ALLOWED' ? 'authorisation' : 'audit';
  const batch = entry.batch_id === null ? '' : `,"batch_id":"${entry.batch_id}"`;
  const platformStatus = failure?.platform_status;
  const no =
    (failure ? `,"failure":"${failure.code}"` : '') +
    (platformStatus === undefined ? '' : `,"platform_status":${platformStatus}`);
  const platformMs = Math.round(passage?.platformMs ?? 0);
  const ms = Math.round(performance.now() - run.openedAt);
  writeReadyLine(
    isFine ? 'info' : 'warn',
    `,"area":"${area}","action_id":"${run.id}","request_id":${quoteShown(entry.request_id)},"trace_id":${quoteShown(entry.trace_id)}${batch},"caller":${quoteShown(entry.caller_id)},"door":"${entry.door}","platform":${quoteShown(entry.platform)},"action_type":${quoteShown(entry.action_type)},"account_id":${quoteShown(entry.account_id)},"actor_id":${quoteShown(entry.actor_id)},"status":"${status}"${no}${replayed ? ',"replayed":true' : ''},"attempts":${passage?.attempts ?? 0},"platform_ms":${platformMs},"ms":${ms},"context":"Actions","msg":"action finished"`,
  );
}
