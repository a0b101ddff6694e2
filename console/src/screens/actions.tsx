import { Popover } from '@base-ui/react/popover';
import { useInfiniteQuery } from '@tanstack/react-query';
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
import { showName } from '../lib/format';
import { buttonLook } from '../ui/button';
import { CheckBox, Switch } from '../ui/form';
import { Ago, PlatformMark, StatusMark } from '../ui/marks';
import { Empty, Fault, Loading, Page } from '../ui/page';
import { Filters } from './action-filter-form';
import { ChosenBar } from './chosen-actions';

const PAGE_SIZE = 100;

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
