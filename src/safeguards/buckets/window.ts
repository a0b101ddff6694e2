import type { WindowLimit } from '../../actions/limit.js';
import type { BucketKind } from './bucket.js';

/** Moments at which tokens were taken or are reserved, in order. */
export interface WindowState {
  readonly kind: 'window';
  readonly tokens: number;
  readonly windowMs: number;
  readonly moments: readonly number[];
  /** For buckets of distinct members: when each was counted. */
  readonly members: Readonly<Record<string, number>>;
  readonly closedUntil: number;
}

interface WindowMark {
  readonly at: number;
  readonly cost: number;
  readonly member?: string;
}

const WIDEST_MARGIN_MS = 500;
const MARGIN = 0.05;

/**
 * A window with a margin for the way: requests that leave a window apart may arrive less than one
 * apart, since one way may take longer than the next.
 */
export function widen(windowMs: number): number {
  return windowMs + Math.ceil(Math.min(WIDEST_MARGIN_MS, windowMs * MARGIN));
}

/**
 * Windows that slide, counted exactly: in no window, wherever it begins, is more than the limit. A
 * wait is reserved at the first moment that is free, so that equals leave in order of arrival, and
 * whoever waits for one limit holds nobody back at another.
 */
export const windowBucket: BucketKind<WindowLimit, WindowState, WindowMark> = {
  isWaitedFor: true,

  open: ({ tokens, windowMs }) => ({
    kind: 'window',
    tokens,
    windowMs,
    moments: [],
    members: {},
    closedUntil: 0,
  }),

  /**
   * The first moment that fits in between what is taken and reserved. Where as many as may share a
   * window with us lie in less than a window, no moment near enough to all of them is free.
   */
  findMoment(state, { tokens, windowMs, cost = 1, member }, from) {
    const { moments, members, closedUntil } = state;
    const width = widen(windowMs);
    const others = Math.max(0, tokens - cost);
    let at = Math.max(from, closedUntil);
    if (isCounted(members, member, width, at)) return at;
    for (let index = 0; index + others < moments.length; index += 1) {
      const first = moments[index] ?? 0;
      const last = moments[index + others] ?? 0;
      if (at <= last - width) break;
      if (last - first < width) at = Math.max(at, first + width);
    }
    return at;
  },

  take(state, { tokens, windowMs, cost = 1, member }, at, now) {
    const width = widen(windowMs);
    if (isCounted(state.members, member, width, at)) return { state };
    const recent = state.moments.filter((moment) => moment > now - width);
    const later = recent.findIndex((moment) => moment > at);
    const place = later < 0 ? recent.length : later;
    const taken = Array.from({ length: cost }, () => at);
    const members = Object.entries(state.members).filter(([, counted]) => counted > now - width);
    return {
      state: {
        ...state,
        tokens,
        windowMs,
        moments: recent.toSpliced(place, 0, ...taken),
        members: Object.fromEntries([...members, ...(member === undefined ? [] : [[member, at]])]),
      },
      mark: { at, cost, ...(member !== undefined && { member }) },
    };
  },

  giveBack(state, { at, cost, member }) {
    if (member !== undefined && state.members[member] !== at) return state;
    const others = Object.entries(state.members).filter(([name]) => name !== member);
    const index = state.moments.indexOf(at);
    const moments = index < 0 ? state.moments : state.moments.toSpliced(index, cost);
    return { ...state, moments, members: Object.fromEntries(others) };
  },

  note(state, _limit, news, _mark, at) {
    if (news.kind !== 'closed') return state;
    return { ...state, closedUntil: Math.max(state.closedUntil, Math.ceil(at + news.forMs)) };
  },

  describe({ tokens, windowMs, moments, closedUntil }, now) {
    const width = widen(windowMs);
    const counted = moments.filter((moment) => moment > now - width);
    const isClosed = closedUntil > now;
    const used = isClosed ? tokens : Math.min(tokens, counted.length);
    const free = counted[0] === undefined ? now : counted[0] + width;
    return {
      limit: tokens,
      used,
      left: tokens - used,
      resetInMs: Math.max(0, isClosed ? closedUntil - now : free - now),
    };
  },

  countsUntil: ({ windowMs, moments, closedUntil }) =>
    Math.max(closedUntil, (moments.at(-1) ?? 0) + widen(windowMs)),
};

/** Whether a member has its place in the window already. */
function isCounted(
  members: WindowState['members'],
  member: string | undefined,
  width: number,
  at: number,
): boolean {
  const counted = member === undefined ? undefined : members[member];
  return counted !== undefined && counted <= at && at < counted + width;
}
