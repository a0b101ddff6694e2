import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../api/client';
import type { ListedAction } from '../api/tail';
import { showCount } from '../lib/format';
import { Button } from '../ui/button';
import { Confirm } from '../ui/dialog';
import { tell } from '../ui/toast';

const WAITING = new Set(['QUEUED', 'SCHEDULED']);
/** What did not happen, for sure. */
const REPEATABLE = new Set(['REFUSED', 'FAILED', 'CANCELLED']);

/** What can be done with the actions that were chosen. */
export function ChosenBar({
  entries,
  chosen,
  onDone,
}: {
  entries: readonly ListedAction[];
  chosen: ReadonlySet<string>;
  onDone: () => void;
}) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState<'cancel' | 'replay'>();
  const among = entries.filter(({ action_id }) => chosen.has(action_id));
  const ids = {
    cancel: among.filter(({ status }) => WAITING.has(status)).map(({ action_id }) => action_id),
    replay: among.filter(({ status }) => REPEATABLE.has(status)).map(({ action_id }) => action_id),
  };
  const run = async (what: 'cancel' | 'replay') => {
    const answer = await take(
      what === 'cancel'
        ? api.POST('/api/v1/actions/cancel', { body: { action_ids: ids.cancel } })
        : api.POST('/api/v1/actions/replay', { body: { action_ids: ids.replay } }),
    );
    const done = answer.results.filter(({ done: isDone }) => isDone).length;
    const first = answer.results.find(({ done: isDone }) => !isDone);
    tell(
      `${showCount(done, 'action')} ${what === 'cancel' ? 'cancelled' : 'sent again'}`,
      first && `${answer.results.length - done} not: ${first.reason}`,
    );
    await queries.invalidateQueries({ queryKey: ['actions'] });
    onDone();
  };
  return (
    <div className="sticky top-12 z-20 mb-3 flex flex-wrap items-center gap-2 rounded-lg border border-accent bg-accent-soft px-4 py-2 lg:top-2">
      <span role="status" className="mr-auto font-medium">
        {showCount(chosen.size, 'action')} chosen
      </span>
      <Button size="small" disabled={ids.cancel.length === 0} onClick={() => setAsking('cancel')}>
        Cancel {ids.cancel.length}
      </Button>
      <Button size="small" disabled={ids.replay.length === 0} onClick={() => setAsking('replay')}>
        Send {ids.replay.length} again
      </Button>
      <Button size="small" kind="quiet" onClick={onDone}>
        Choose none
      </Button>
      <Confirm
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={
          asking === 'cancel'
            ? `Cancel ${showCount(ids.cancel.length, 'action')}?`
            : `Send ${showCount(ids.replay.length, 'action')} again?`
        }
        label={asking === 'cancel' ? 'Cancel them' : 'Send them again'}
        danger
        run={() => run(asking!)}
      >
        {asking === 'cancel'
          ? 'What has begun meanwhile is not stopped. Each one that was cancelled is in the audit log.'
          : 'Each is carried out once more, as a new action of yours. Those that succeeded, or may have, are left alone.'}
      </Confirm>
    </div>
  );
}
