import type { DailyLimit } from '../../actions/limit.js';
import type { BucketKind } from './bucket.js';

/** The ledger of a day. */
export interface DailyState {
  readonly kind: 'daily';
  readonly units: number;
  readonly reserve: number;
  readonly used: number;
  /** When the day ends, and the next ledger begins at nothing. */
  readonly endsAt: number;
}

interface DailyMark {
  readonly endsAt: number;
  readonly cost: number;
}

export const dailyBucket: BucketKind<DailyLimit, DailyState, DailyMark> = {
  isWaitedFor: false,

  open: ({ units, reserve }) => ({ kind: 'daily', units, reserve, used: 0, endsAt: 0 }),

  findMoment(state, limit, from, { now, priority }) {
    const { used, endsAt } = turnPage(state, limit, now);
    const open = limit.units - (priority === 'HIGH' ? 0 : limit.reserve);
    return used + (limit.cost ?? 1) <= open ? from : Math.max(from, endsAt);
  },

  take(state, limit, _at, { now }) {
    const page = turnPage(state, limit, now);
    const { cost = 1 } = limit;
    return {
      state: { ...page, used: page.used + cost },
      mark: { endsAt: page.endsAt, cost },
    };
  },

  giveBack(state, { endsAt, cost }) {
    if (state.endsAt !== endsAt) return state;
    return { ...state, used: Math.max(0, state.used - cost) };
  },

  note(state, limit, news, mark, at) {
    // A no of yesterday says nothing about the ledger of today.
    if (news.kind !== 'spent' || (mark && mark.endsAt <= at)) return state;
    const page = turnPage(state, limit, at);
    return { ...page, used: Math.max(page.used, page.units) };
  },

  describe({ units, used, endsAt, reserve }, now) {
    const isOver = now >= endsAt;
    return {
      limit: units,
      used: isOver ? 0 : used,
      left: isOver ? units : Math.max(0, units - used),
      resetInMs: isOver ? 0 : endsAt - now,
      reserve,
    };
  },

  countsUntil: ({ endsAt }) => endsAt,
};

function turnPage(state: DailyState, limit: DailyLimit, now: number): DailyState {
  const { units, reserve } = limit;
  if (now < state.endsAt) return { ...state, units, reserve };
  return { kind: 'daily', units, reserve, used: 0, endsAt: now + limit.countToReset(now) };
}
