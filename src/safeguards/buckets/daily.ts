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
  /** What each account has spent; what the accounts beyond the most that are kept have spent is under `''`. */
  readonly shares?: Readonly<Record<string, number>>;
}

interface DailyMark {
  readonly endsAt: number;
  readonly cost: number;
  /** Under which name of `shares` it was counted. */
  readonly share?: string;
}

/** Accounts whose shares of a day are kept apart: a row must not grow without end. */
const MOST_SHARES = 200;

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
    const { cost = 1, payer } = limit;
    const share = payer === undefined ? undefined : nameShare(page, payer);
    return {
      state: { ...addShare(page, share, cost), used: page.used + cost },
      mark: { endsAt: page.endsAt, cost, ...(share !== undefined && { share }) },
    };
  },

  giveBack(state, { endsAt, cost, share }) {
    if (state.endsAt !== endsAt) return state;
    return { ...addShare(state, share, -cost), used: Math.max(0, state.used - cost) };
  },

  note(state, limit, news, mark, at) {
    // A no of yesterday says nothing about the ledger of today.
    if (news.kind !== 'spent' || (mark && mark.endsAt <= at)) return state;
    const page = turnPage(state, limit, at);
    return { ...page, used: Math.max(page.used, page.units) };
  },

  describe({ units, used, endsAt, reserve, shares }, now) {
    const isOver = now >= endsAt;
    return {
      limit: units,
      used: isOver ? 0 : used,
      left: isOver ? units : Math.max(0, units - used),
      resetInMs: isOver ? 0 : endsAt - now,
      reserve,
      ...(shares && { shares: isOver ? {} : shares }),
    };
  },

  countsUntil: ({ endsAt }) => endsAt,
};

function turnPage(state: DailyState, limit: DailyLimit, now: number): DailyState {
  const { units, reserve } = limit;
  if (now < state.endsAt) return { ...state, units, reserve };
  return { kind: 'daily', units, reserve, used: 0, endsAt: now + limit.countToReset(now) };
}

/** The name under which an account's spending is kept. */
function nameShare({ shares = {} }: DailyState, payer: string): string {
  return Object.hasOwn(shares, payer) || Object.keys(shares).length < MOST_SHARES ? payer : '';
}

function addShare(state: DailyState, share: string | undefined, units: number): DailyState {
  if (share === undefined) return state;
  const shares = new Map(Object.entries(state.shares ?? {}));
  const has = (shares.get(share) ?? 0) + units;
  if (has > 0) shares.set(share, has);
  else shares.delete(share);
  return { ...state, shares: Object.fromEntries(shares) };
}
