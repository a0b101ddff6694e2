import { Popover } from '@base-ui/react/popover';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api, take } from '../api/client';
import { type ListedAction, mergeEntries, type TailState, useTail } from '../api/tail';
import {
  type ActionFilters,
  type Column,
  COLUMNS,
  fitsFilters,
  toQuery,
} from '../lib/action-filters';
import { showCount, showName } from '../lib/format';
import { Button, buttonLook } from '../ui/button';
import { Confirm } from '../ui/dialog';
import { CheckBox, Field, Input, Select, Switch } from '../ui/form';
import { Ago, PlatformMark, StatusMark, titleOfPlatform } from '../ui/marks';
import { Empty, Fault, Loading, Page } from '../ui/page';
import { tell } from '../ui/toast';

const PAGE_SIZE = 100;
const STATUSES = [
  'SUCCEEDED',
  'REFUSED',
  'FAILED',
  'UNKNOWN',
  'QUEUED',
  'SCHEDULED',
  'RUNNING',
  'CANCELLED',
];
const WAITING = new Set(['QUEUED', 'SCHEDULED']);
/** What did not happen, for sure. */
const REPEATABLE = new Set(['REFUSED', 'FAILED', 'CANCELLED']);

/** What was done and what is done now. */
export function Actions() {
  const filters = useSearch({ from: '/actions' });
  const [isLive, setLive] = useState(true);
  const tail = useTail(filters, isLive);
  const query = useInfiniteQuery({
    queryKey: ['actions', toQuery(filters)],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/audit', {
          params: { query: { ...toQuery(filters), limit: PAGE_SIZE, cursor: pageParam } as never },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // The stream brings what is new.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const logged = query.data?.pages;
  const entries = useMemo(
    () =>
      mergeEntries(tail.entries, logged?.flatMap((page) => page.entries) ?? []).filter((entry) =>
        fitsFilters(entry, filters),
      ),
    [tail.entries, logged, filters],
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());

  return (
    <Page
      title="Actions"
      lead="Everything that was asked of the platforms, newest first."
      actions={
        <>
          <LiveSwitch state={tail.state} isOn={isLive} onChange={setLive} />
          <ColumnChoice />
          <Export filters={filters} />
        </>
      }
    >
      <Filters filters={filters} />
      {query.error !== null && <Fault error={query.error} retry={() => void query.refetch()} />}
      {chosen.size > 0 && (
        <ChosenBar entries={entries} chosen={chosen} onDone={() => setChosen(new Set())} />
      )}
      {query.isPending ? (
        <Loading />
      ) : entries.length === 0 ? (
        <Empty title="No action fits">
          Nothing was done yet, or the filters leave nothing.{' '}
          <Link to="/catalogue" className="link">
            Try an action
          </Link>
        </Empty>
      ) : (
        <Rows
          entries={entries}
          chosen={chosen}
          onChoose={setChosen}
          hidden={new Set(filters.hide)}
          more={
            query.hasNextPage && !query.isFetchingNextPage
              ? () => void query.fetchNextPage()
              : undefined
          }
          isAtEnd={!query.hasNextPage}
        />
      )}
    </Page>
  );
}

const TAIL_WORDS: Readonly<Record<TailState, string>> = {
  off: 'Paused',
  connecting: 'Connecting…',
  live: 'Live',
};

function LiveSwitch({
  state,
  isOn,
  onChange,
}: {
  state: TailState;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <div className="flex items-center gap-2">
      <span role="status" className="text-sm text-soft">
        {TAIL_WORDS[state]}
      </span>
      <Switch label="Show new actions as they happen" checked={isOn} onChange={onChange} />
    </div>
  );
}

function ColumnChoice() {
  const { hide = [] } = useSearch({ from: '/actions' });
  const navigate = useNavigate({ from: '/actions' });
  const toggle = (column: Column) => {
    const next = hide.includes(column) ? hide.filter((name) => name !== column) : [...hide, column];
    void navigate({
      search: (former) => ({ ...former, hide: next.length > 0 ? next : undefined }),
      replace: true,
    });
  };
  return (
    <Popover.Root>
      <Popover.Trigger className={buttonLook({})}>Columns</Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} className="z-40">
          <Popover.Popup className="grid gap-2 rounded-lg border border-line bg-raised p-4 shadow-lg">
            {COLUMNS.map((column) => (
              <CheckBox
                key={column}
                label={showName(column)}
                checked={!hide.includes(column)}
                onChange={() => toggle(column)}
              />
            ))}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Export({ filters }: { filters: ActionFilters }) {
  const address = (format: string) =>
    `/api/v1/audit/export?${new URLSearchParams({ ...toQuery(filters), format } as Record<string, string>).toString()}`;
  return (
    <>
      <a href={address('csv')} download="actions.csv" className={buttonLook({})}>
        CSV
      </a>
      <a href={address('ndjson')} download="actions.ndjson" className={buttonLook({})}>
        NDJSON
      </a>
    </>
  );
}

function Filters({ filters }: { filters: ActionFilters }) {
  const navigate = useNavigate({ from: '/actions' });
  const change = (next: Partial<ActionFilters>) =>
    void navigate({ search: (former) => ({ ...former, ...next }), replace: true });
  const isMore = Boolean(
    filters.action_type ||
    filters.caller_id ||
    filters.failure_code ||
    filters.from ||
    filters.to ||
    filters.effect,
  );
  return (
    <div className="mb-4 grid gap-3">
      <div className="grid gap-3 sm:grid-cols-4">
        <Field label="Platform">
          {(control) => (
            <Select
              {...control}
              value={filters.platform ?? ''}
              onChange={(event) => change({ platform: event.target.value || undefined })}
              options={[
                ['', 'All'],
                ...['twitch', 'youtube', 'discord'].map(
                  (name) => [name, titleOfPlatform(name)] as const,
                ),
              ]}
            />
          )}
        </Field>
        <Field label="Status">
          {(control) => (
            <Select
              {...control}
              value={filters.status ?? ''}
              onChange={(event) => change({ status: event.target.value || undefined })}
              options={[
                ['', 'Any'],
                ...STATUSES.map((name) => [name, showName(name.toLowerCase())] as const),
              ]}
            />
          )}
        </Field>
        <TypedFilter
          label="Account"
          value={filters.account_id}
          onChange={(account_id) => change({ account_id })}
        />
        <TypedFilter
          label="Text in the error"
          value={filters.text}
          onChange={(text) => change({ text })}
        />
      </div>
      <details open={isMore || undefined}>
        <summary className="text-sm text-soft">More filters</summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-3">
          <TypedFilter
            label="Action type"
            value={filters.action_type}
            onChange={(action_type) => change({ action_type })}
          />
          <TypedFilter
            label="Caller"
            value={filters.caller_id}
            onChange={(caller_id) => change({ caller_id })}
          />
          <TypedFilter
            label="Failure code"
            value={filters.failure_code}
            onChange={(failure_code) => change({ failure_code })}
          />
          <Field label="Effect">
            {(control) => (
              <Select
                {...control}
                value={filters.effect ?? ''}
                onChange={(event) => change({ effect: event.target.value || undefined })}
                options={[['', 'Any'], 'read', 'create', 'update', 'delete']}
              />
            )}
          </Field>
          <MomentFilter label="From" value={filters.from} onChange={(from) => change({ from })} />
          <MomentFilter label="To" value={filters.to} onChange={(to) => change({ to })} />
        </div>
      </details>
    </div>
  );
}

/** A filter that takes effect when the person is done with it: with Enter, or on leaving. */
function TypedFilter({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const [text, setText] = useState(value ?? '');
  useEffect(() => setText(value ?? ''), [value]);
  const apply = () => {
    if (text !== (value ?? '')) onChange(text || undefined);
  };
  return (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={apply}
          onKeyDown={(event) => {
            if (event.key === 'Enter') apply();
          }}
        />
      )}
    </Field>
  );
}

function MomentFilter({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  return (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          type="datetime-local"
          value={value ? toLocal(value) : ''}
          onChange={({ target }) =>
            onChange(target.value ? new Date(target.value).toISOString() : undefined)
          }
        />
      )}
    </Field>
  );
}

/** A moment as the browser's own control writes it. */
function toLocal(moment: string): string {
  const date = new Date(moment);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Widths of the columns, in their order. */
const WIDTHS: Readonly<Record<Column, string>> = {
  time: '7.5rem',
  platform: '6.5rem',
  action: 'minmax(9rem,1.2fr)',
  account: 'minmax(6rem,0.8fr)',
  status: '6.75rem',
  caller: 'minmax(5rem,0.7fr)',
  message: 'minmax(8rem,2fr)',
};

function Rows({
  entries,
  chosen,
  onChoose,
  hidden,
  more,
  isAtEnd,
}: {
  entries: readonly ListedAction[];
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  hidden: ReadonlySet<Column>;
  more: (() => void) | undefined;
  isAtEnd: boolean;
}) {
  const list = useRef<HTMLDivElement>(null);
  const virtual = useWindowVirtualizer({
    count: entries.length,
    estimateSize: () => 45,
    overscan: 20,
    scrollMargin: list.current?.offsetTop ?? 0,
    getItemKey: (at) => entries[at]!.action_id,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= entries.length - 20) more();
  }, [last, entries.length, more]);
  const columns = COLUMNS.filter((column) => !hidden.has(column));
  const template = `2rem ${columns.map((column) => WIDTHS[column]).join(' ')}`;
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  return (
    <div className="card overflow-x-auto" tabIndex={0} role="region" aria-label="List of actions">
      <div
        role="table"
        aria-label="Actions"
        aria-rowcount={isAtEnd ? entries.length + 1 : -1}
        className="min-w-[54rem] text-sm"
      >
        <div
          role="row"
          className="grid items-center gap-x-3 px-3 py-2 font-semibold text-soft"
          style={{ gridTemplateColumns: template }}
        >
          <span role="columnheader">
            <input
              type="checkbox"
              aria-label="Choose all that are shown"
              className="size-4 accent-accent"
              checked={chosen.size > 0 && chosen.size === entries.length}
              onChange={() =>
                onChoose(
                  chosen.size === entries.length
                    ? new Set()
                    : new Set(entries.map(({ action_id }) => action_id)),
                )
              }
            />
          </span>
          {columns.map((column) => (
            <span key={column} role="columnheader">
              {showName(column)}
            </span>
          ))}
        </div>
        <div
          ref={list}
          role="rowgroup"
          className="relative"
          style={{ height: virtual.getTotalSize() }}
        >
          {items.map((item) => {
            const entry = entries[item.index]!;
            return (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                role="row"
                aria-rowindex={item.index + 2}
                className="absolute inset-x-0 top-0 grid items-center gap-x-3 border-t border-line px-3 py-2 hover:bg-sunken"
                style={{
                  gridTemplateColumns: template,
                  transform: `translateY(${item.start - virtual.options.scrollMargin}px)`,
                }}
              >
                <span role="cell">
                  <input
                    type="checkbox"
                    aria-label={`Choose ${entry.action_type} ${entry.action_id}`}
                    className="size-4 accent-accent"
                    checked={chosen.has(entry.action_id)}
                    onChange={() => toggle(entry.action_id)}
                  />
                </span>
                {columns.map((column) => (
                  <span key={column} role="cell" className="min-w-0 truncate">
                    <Cell column={column} entry={entry} />
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Cell({ column, entry }: { column: Column; entry: ListedAction }) {
  switch (column) {
    case 'time':
      return <Ago moment={entry.received_at} />;
    case 'platform':
      return <PlatformMark platform={entry.platform} />;
    case 'action':
      return (
        <Link to="/actions/$id" params={{ id: entry.action_id }} className="link font-medium">
          {entry.action_type}
        </Link>
      );
    case 'account':
      return <span title={entry.account_id}>{entry.account_id || '–'}</span>;
    case 'status':
      return <StatusMark status={entry.status} />;
    case 'caller':
      return entry.caller_id;
    case 'message':
      return <span title={entry.error || entry.message}>{entry.error || entry.message}</span>;
  }
}

function ChosenBar({
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
