import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ActionFilters } from '../lib/action-filters';
import { api, type AuditEntry } from './client';

/** What the list of actions shows of each; the stream tells no parameters and no results. */
export type ListedAction = Omit<
  AuditEntry,
  'parameters' | 'result' | 'trace_id' | 'idempotency_key'
>;

/** Entries kept from the stream; the log itself has the older ones. */
const KEPT = 10_000;
/** Entries are shown together, so that a busy gateway does not redraw the list for each. */
const DRAW_MS = 250;

export type TailState = 'off' | 'connecting' | 'live';

export interface Tail {
  readonly state: TailState;
  /** The newest state of each action that changed, the newest action first. */
  readonly entries: readonly ListedAction[];
}

/** Newest first; the ids are ordered by time. */
export function mergeEntries(
  fresh: readonly ListedAction[],
  known: readonly ListedAction[],
): ListedAction[] {
  const byId = new Map<string, ListedAction>();
  // What comes from the stream is newer than what a page of the log said.
  for (const entry of known) byId.set(entry.action_id, entry);
  for (const entry of fresh) byId.set(entry.action_id, entry);
  return [...byId.values()].sort((a, b) => (a.action_id < b.action_id ? 1 : -1));
}

/**
 * What happens now, by server-sent events. The browser connects again by itself and names the last event
 * that it saw, so that nothing is missed while the gateway was away.
 */
export function useTail({ platform, account_id, action_type }: ActionFilters, isOn: boolean): Tail {
  const queries = useQueryClient();
  const [tail, setTail] = useState<Tail>({ state: 'off', entries: [] });
  // The status is not among them: an action that leaves a status has to leave the list.
  const query = new URLSearchParams(
    Object.entries({ platform, account_id, action_type }).flatMap(([name, value]) =>
      value ? [[name, value]] : [],
    ),
  ).toString();

  useEffect(() => {
    if (!isOn) {
      setTail((former) => ({ ...former, state: 'off' }));
      return undefined;
    }
    setTail({ state: 'connecting', entries: [] });
    let arrived: ListedAction[] = [];
    let source: EventSource | undefined;
    let isOver = false;
    const open = () => {
      const current = new EventSource(`/api/v1/actions/stream?${query}`);
      source = current;
      current.addEventListener('action', ({ data }: MessageEvent<string>) => {
        arrived.push(JSON.parse(data) as ListedAction);
      });
      current.addEventListener('reset', () => {
        void queries.invalidateQueries({ queryKey: ['actions'] });
      });
      current.addEventListener('ready', () => setTail((former) => ({ ...former, state: 'live' })));
      current.addEventListener('error', () => {
        setTail((former) => ({ ...former, state: 'connecting' }));
        if (current.readyState !== EventSource.CLOSED) return;
        // The gateway refused it: mostly because the session has ended, for which this asks.
        void reopen();
      });
    };
    const reopen = async () => {
      try {
        const { response } = await api.GET('/api/v1/whoami');
        if (isOver || !response.ok) return;
        open();
        await queries.invalidateQueries({ queryKey: ['actions'] });
      } catch {
        setTail((former) => ({ ...former, state: 'off' }));
      }
    };
    open();
    const draw = setInterval(() => {
      if (arrived.length === 0) return;
      const fresh = arrived;
      arrived = [];
      setTail(({ state, entries }) => ({
        state,
        entries: mergeEntries(fresh, entries).slice(0, KEPT),
      }));
    }, DRAW_MS);
    return () => {
      isOver = true;
      clearInterval(draw);
      source?.close();
    };
  }, [query, isOn, queries]);

  return tail;
}
