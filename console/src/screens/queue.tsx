import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, type AuditEntry, type Schemas, take } from '../api/client';
import { showClock, showCount, showMoment } from '../lib/format';
import { Button } from '../ui/button';
import { Confirm, Dialog } from '../ui/dialog';
import { Field, Input } from '../ui/form';
import { Ago, Badge, PlatformMark } from '../ui/marks';
import { Card, Empty, Fault, Loaded, Page, Section, Table } from '../ui/page';
import { tell } from '../ui/toast';

const REFRESH_MS = 3_000;
const SHOWN = 200;

const listWaiting = (status: 'SCHEDULED' | 'QUEUED') => ({
  queryKey: ['actions', 'waiting', status],
  queryFn: () =>
    take(api.GET('/api/v1/audit', { params: { query: { status, limit: SHOWN } as never } })),
  refetchInterval: REFRESH_MS,
});

/** What waits for its time, and what waits for its turn. */
export function Queue() {
  const scheduled = useQuery(listWaiting('SCHEDULED'));
  const queued = useQuery(listWaiting('QUEUED'));
  return (
    <Page title="Scheduled and queued" lead="What waits for its time, and what waits for its turn.">
      <Section title="Scheduled">
        <Loaded query={scheduled}>{({ entries }) => <Scheduled entries={entries} />}</Loaded>
      </Section>
      <Section title="Lines">
        <Lines />
      </Section>
      <Section title="Queued">
        <Loaded query={queued}>
          {({ entries }) =>
            entries.length === 0 ? (
              <Empty title="Nothing waits for its turn" />
            ) : (
              <Waiting entries={entries} />
            )
          }
        </Loaded>
      </Section>
      <Section title="Batches">
        <BatchList />
      </Section>
    </Page>
  );
}

function Scheduled({ entries }: { entries: readonly AuditEntry[] }) {
  const days = useMemo(() => {
    const ordered = entries.toSorted((a, b) => ((a.run_at ?? '') < (b.run_at ?? '') ? -1 : 1));
    return Map.groupBy(ordered, ({ run_at }) => new Date(run_at ?? 0).toDateString());
  }, [entries]);
  if (entries.length === 0)
    return (
      <Empty title="Nothing is scheduled">
        Give an action a time in its form, and it appears here.{' '}
        <Link to="/catalogue" className="link">
          Open the catalogue
        </Link>
      </Empty>
    );
  return (
    <>
      <Calendar entries={entries} />
      {[...days].map(([day, members]) => (
        <div key={day} className="mb-4">
          <h3 className="mb-1 text-sm font-semibold text-soft">{day}</h3>
          <Waiting entries={members} />
        </div>
      ))}
    </>
  );
}

const DAYS_SHOWN = 28;
const DAY_MS = 86_400_000;

/** The next four weeks, from the Monday of this one; each day says how much it holds. */
function Calendar({ entries }: { entries: readonly AuditEntry[] }) {
  const today = new Date();
  today.setHours(0, 0, 0, 0);
  const monday = new Date(today.getTime() - ((today.getDay() + 6) % 7) * DAY_MS);
  const counts = Map.groupBy(entries, ({ run_at }) => new Date(run_at ?? 0).toDateString());
  const days = Array.from(
    { length: DAYS_SHOWN },
    (_, at) => new Date(monday.getFullYear(), monday.getMonth(), monday.getDate() + at),
  );
  return (
    <ol className="mb-5 grid grid-cols-7 gap-1 text-xs" aria-label="The next four weeks">
      {days.map((day) => {
        const held = counts.get(day.toDateString()) ?? [];
        return (
          <li
            key={day.toDateString()}
            aria-current={day.getTime() === today.getTime() ? 'date' : undefined}
            className="min-h-14 rounded-md border border-line bg-raised p-1.5 aria-[current=date]:border-accent"
          >
            <span className={day < today ? 'text-soft' : ''}>{day.getDate()}</span>
            {held.length > 0 && (
              <p className="mt-0.5 rounded bg-accent-soft px-1 font-medium text-accent">
                {held.length}
                <span className="sr-only"> scheduled</span>
                <span className="hidden sm:inline"> from {showClock(held[0]!.run_at!)}</span>
              </p>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Waiting({ entries }: { entries: readonly AuditEntry[] }) {
  const queries = useQueryClient();
  const [cancelling, setCancelling] = useState<AuditEntry>();
  const [moving, setMoving] = useState<AuditEntry>();
  const refresh = () => queries.invalidateQueries({ queryKey: ['actions'] });
  return (
    <>
      <Table
        label="Actions that wait"
        head={['Time', 'Platform', 'Action', 'Account', 'Caller', '']}
      >
        {entries.map((entry) => (
          <tr key={entry.action_id}>
            <td title={showMoment(entry.run_at ?? entry.received_at)}>
              {entry.run_at ? showClock(entry.run_at) : <Ago moment={entry.received_at} />}
            </td>
            <td>
              <PlatformMark platform={entry.platform} />
            </td>
            <td>
              <Link to="/actions/$id" params={{ id: entry.action_id }} className="link font-medium">
                {entry.action_type}
              </Link>
            </td>
            <td>{entry.account_id || '–'}</td>
            <td>{entry.caller_id}</td>
            <td>
              <span className="flex justify-end gap-1.5">
                {entry.status === 'SCHEDULED' && (
                  <Button size="small" onClick={() => setMoving(entry)}>
                    Move
                  </Button>
                )}
                <Button size="small" kind="danger" onClick={() => setCancelling(entry)}>
                  Cancel
                </Button>
              </span>
            </td>
          </tr>
        ))}
      </Table>
      <Confirm
        open={cancelling !== undefined}
        onClose={() => setCancelling(undefined)}
        title={`Cancel ${cancelling?.action_type ?? ''}?`}
        label="Cancel it"
        danger
        run={async () => {
          await take(
            api.DELETE('/api/v1/actions/{action_id}', {
              params: { path: { action_id: cancelling!.action_id } },
            }),
          );
          await refresh();
          tell('The action was cancelled');
        }}
      >
        It has not begun. Nothing is sent.
      </Confirm>
      {moving && <Move entry={moving} onClose={() => setMoving(undefined)} onDone={refresh} />}
    </>
  );
}

function Move({
  entry,
  onClose,
  onDone,
}: {
  entry: AuditEntry;
  onClose: () => void;
  onDone: () => Promise<void>;
}) {
  const [time, setTime] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const move = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await take(
        api.PATCH('/api/v1/actions/{action_id}', {
          params: { path: { action_id: entry.action_id } },
          body: { run_at: new Date(time).toISOString() },
        }),
      );
      await onDone();
      tell('The action was moved');
      onClose();
    } catch (fault) {
      setError(fault);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={`Move ${entry.action_type}`}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void move();
        }}
      >
        {error !== undefined && <Fault error={error} />}
        <p className="text-soft">Now at {showMoment(entry.run_at)}.</p>
        <Field label="New time" required>
          {(control) => (
            <Input
              {...control}
              type="datetime-local"
              required
              value={time}
              onChange={(event) => setTime(event.target.value)}
            />
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep it as it is</Button>
          <Button type="submit" kind="primary" busy={busy}>
            Move it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Lines() {
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ['lines'],
    queryFn: () => take(api.GET('/api/v1/queue/lines')),
    refetchInterval: REFRESH_MS,
  });
  const [changing, setChanging] = useState<Schemas['QueueLine']>();
  return (
    <Loaded query={query}>
      {({ lines }) =>
        lines.length === 0 ? (
          <Empty title="No line waits">
            Queued actions of one chat or target form a line and keep their order.
          </Empty>
        ) : (
          <>
            <Table label="Lines" head={['Line', 'Waiting', 'Next', 'State', '']}>
              {lines.map((line) => (
                <tr key={line.line}>
                  <td>
                    <code className="break-all">{line.line}</code>
                  </td>
                  <td>{line.waiting}</td>
                  <td>
                    <Ago moment={line.next_at} />
                  </td>
                  <td>
                    {line.paused ? (
                      <Badge tone="warn">paused</Badge>
                    ) : (
                      <Badge tone="good">moving</Badge>
                    )}
                  </td>
                  <td className="text-right">
                    <Button size="small" onClick={() => setChanging(line)}>
                      {line.paused ? 'Go on' : 'Pause'}
                    </Button>
                  </td>
                </tr>
              ))}
            </Table>
            <Confirm
              open={changing !== undefined}
              onClose={() => setChanging(undefined)}
              title={changing?.paused ? 'Let this line go on?' : 'Pause this line?'}
              label={changing?.paused ? 'Go on' : 'Pause it'}
              run={async () => {
                await take(
                  api.PUT('/api/v1/queue/lines/{line}', {
                    params: { path: { line: changing!.line } },
                    body: { paused: !changing!.paused },
                  }),
                );
                await queries.invalidateQueries({ queryKey: ['lines'] });
              }}
            >
              {changing?.paused
                ? 'What waits in it is carried out in its order.'
                : 'What waits in it keeps waiting; new actions join its end.'}
            </Confirm>
          </>
        )
      }
    </Loaded>
  );
}

function BatchList() {
  const query = useQuery({
    queryKey: ['batches'],
    queryFn: () => take(api.GET('/api/v1/batches')),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Loaded query={query}>
      {({ batches }) =>
        batches.length === 0 ? (
          <Empty title="No batch in the last day" />
        ) : (
          <div className="grid gap-3 sm:grid-cols-2">
            {batches.map((batch) => (
              <Card key={batch.batch_id}>
                <code className="text-xs break-all text-soft">{batch.batch_id}</code>
                <progress
                  aria-label="Finished of the batch"
                  value={batch.finished}
                  max={batch.total}
                  className="my-1 block h-2.5 w-full accent-accent"
                />
                <p>
                  {batch.finished} of {showCount(batch.total, 'action')}:{' '}
                  {Object.entries(batch.by_status)
                    .map(([status, count]) => `${count} ${status.toLowerCase()}`)
                    .join(', ')}
                </p>
              </Card>
            ))}
          </div>
        )
      }
    </Loaded>
  );
}
