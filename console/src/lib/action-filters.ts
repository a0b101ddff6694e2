/** Columns of the list of actions, in their order. */
export const COLUMNS = [
  'time',
  'platform',
  'action',
  'account',
  'status',
  'caller',
  'message',
] as const;
export type Column = (typeof COLUMNS)[number];

/** What the list of actions is asked for; it lives in the address, so that a link shows the same. */
export interface ActionFilters {
  platform?: string;
  action_type?: string;
  account_id?: string;
  status?: string;
  failure_code?: string;
  caller_id?: string;
  effect?: string;
  text?: string;
  from?: string;
  to?: string;
  /** Columns that are hidden. */
  hide?: Column[];
}

const TEXTS = [
  'platform',
  'action_type',
  'account_id',
  'status',
  'failure_code',
  'caller_id',
  'effect',
  'text',
  'from',
  'to',
] as const;

/** Reads filters from an address; what is not a filter is left out. */
export function readActionFilters(search: Record<string, unknown>): ActionFilters {
  const filters: ActionFilters = {};
  for (const name of TEXTS) {
    const value = search[name];
    // Ids of digits alone come out of an address as numbers.
    if (typeof value === 'string' && value !== '') filters[name] = value;
    else if (typeof value === 'number') filters[name] = String(value);
  }
  const { hide } = search;
  if (Array.isArray(hide)) filters.hide = COLUMNS.filter((column) => hide.includes(column));
  return filters;
}

/** The same without what concerns only the screen: what the gateway is asked. */
export function toQuery({ hide: _hide, ...query }: ActionFilters): Omit<ActionFilters, 'hide'> {
  return query;
}

interface Filtered {
  readonly platform: string;
  readonly action_type: string;
  readonly account_id: string;
  readonly status: string;
  readonly caller_id: string;
  readonly effect: string;
  readonly error: string;
  readonly received_at: string;
  readonly failure: { readonly code: string } | null;
}

/** Whether an action fits as the gateway's own search would say; for what comes by the stream. */
export function fitsFilters(action: Filtered, filters: ActionFilters): boolean {
  const { text, from, to, failure_code: code } = filters;
  const names = ['platform', 'action_type', 'account_id', 'status', 'caller_id', 'effect'] as const;
  return (
    names.every((name) => filters[name] === undefined || filters[name] === action[name]) &&
    (code === undefined || action.failure?.code === code) &&
    (text === undefined || action.error.toLowerCase().includes(text.toLowerCase())) &&
    (from === undefined || action.received_at >= from) &&
    (to === undefined || action.received_at < to)
  );
}
