import type { LearnedState } from './learned.js';

/** The state of a bucket into which nothing went so far. */
export function forget(state: LearnedState): LearnedState {
  return {
    ...state,
    window: state.window + 1,
    begunAt: null,
    endsAt: null,
    gone: 0,
    late: 0,
    told: 0,
    booked: [],
  };
}

/** What both rows of one bucket counted, under the name that stays. */
export function mergeInto(named: LearnedState, ours: LearnedState): LearnedState {
  const { tokens, windowMs } = ours;
  return {
    ...named,
    isTold: true,
    tokens,
    windowMs,
    begunAt: named.begunAt ?? ours.begunAt,
    endsAt: named.endsAt ?? ours.endsAt,
    lastsUntil: named.lastsUntil ?? ours.lastsUntil,
    gone: named.gone + ours.gone,
    late: named.late + ours.late,
    told: Math.max(named.told, ours.told),
    pausedUntil: Math.max(named.pausedUntil ?? 0, ours.pausedUntil ?? 0),
  };
}
