import { Link } from '@tanstack/react-router';
import type { Outcome, Schemas } from '../api/client';
import { showCount, showDuration } from '../lib/format';
import { StatusMark } from './marks';
import { JsonBlock } from './copy';
import { Facts, Notice } from './page';

type Prepared = NonNullable<Outcome['prepared']>;

/** What came of an action, and what to do about it. */
export function OutcomeView({ outcome }: { outcome: Outcome }) {
  const { failure } = outcome;
  return (
    <div className="grid gap-3">
      <p className="flex flex-wrap items-center gap-2">
        <StatusMark status={outcome.status} />
        <span>{outcome.error || outcome.message}</span>
      </p>
      {failure && <FailureView failure={failure} />}
      {outcome.prepared && <PreparedView prepared={outcome.prepared} />}
      {outcome.action_id && (
        <p>
          <Link to="/actions/$id" params={{ id: outcome.action_id }} className="link">
            Open this action
          </Link>
          {outcome.replayed && ' (it was carried out before; this is its stored answer)'}
        </p>
      )}
      {Object.keys(outcome.result_data).length > 0 && (
        <JsonBlock value={outcome.result_data} label="Result" />
      )}
    </div>
  );
}

/** What the failure says to programs, for people. */
export function FailureView({ failure }: { failure: Schemas['Failure'] }) {
  return (
    <div className="mb-4 rounded-lg border border-line p-3">
      <Facts
        facts={[
          [
            'Code',
            <a key="code" href={`/docs#${failure.code}`} className="link">
              <code>{failure.code}</code>
            </a>,
          ],
          ['Can be sent again', failure.retryable ? 'yes, as it is' : 'not as it is'],
          [
            'The platform said',
            [failure.platform_status, failure.platform_code].filter(Boolean).join(' '),
          ],
          [
            'Again after',
            failure.retry_after_ms === undefined ? '' : showDuration(failure.retry_after_ms),
          ],
        ]}
      />
      {failure.violations?.map(({ field, message }) => (
        <p key={field} className="mt-1 text-bad">
          <code>{field}</code> {message}
        </p>
      ))}
    </div>
  );
}

/** The exact request that would be sent, with its cost and what stands in its way. */
function PreparedView({ prepared }: { prepared: Prepared }) {
  return (
    <div className="grid gap-3">
      {prepared.missing_scopes.length > 0 && (
        <Notice tone="warn" title="The account has not granted what this needs">
          {prepared.missing_scopes.map((scope) => (
            <p key={scope}>
              <code>{scope}</code>
            </p>
          ))}
        </Notice>
      )}
      <Facts
        facts={[
          ['Cost', prepared.cost > 0 ? showCount(prepared.cost, 'unit') : ''],
          [
            'Would wait',
            prepared.predicted_wait_ms > 0
              ? showDuration(prepared.predicted_wait_ms)
              : 'not at all',
          ],
          [
            'Looked up first',
            prepared.reads.length > 0 &&
              prepared.reads.map(({ method, url }) => (
                <p key={url}>
                  <code className="break-all">
                    {method} {url}
                  </code>
                </p>
              )),
          ],
          [
            'Request',
            <code key="request" className="break-all">
              {prepared.method} {prepared.url}
            </code>,
          ],
        ]}
      />
      {prepared.body !== undefined && (
        <JsonBlock value={prepared.body} label="Body of the request" />
      )}
    </div>
  );
}
