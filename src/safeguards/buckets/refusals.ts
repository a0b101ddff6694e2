import type { RefusalLimit } from '../../actions/limit.js';
import type { BucketKind } from './bucket.js';

/** The number of refusals, in slots of time: exact enough, and of the same size under a flood. */
export interface RefusalState {
  readonly kind: 'noes';
  readonly noes: number;
  readonly windowMs: number;
  /** Numbers of slots and their counts, the oldest first. */
  readonly slots: readonly (readonly [slot: number, count: number])[];
  readonly closedUntil: number;
}

const SLOT_MS = 15_000;

export const refusalBucket: BucketKind<RefusalLimit, RefusalState, never> = {
  isWaitedFor: false,

  open: ({ noes, windowMs }) => ({ kind: 'noes', noes, windowMs, slots: [], closedUntil: 0 }),

  findMoment(state, { noes, windowMs }, from, { now }) {
    const slots = listRecent(state, now);
    let above = slots.reduce((sum, [, count]) => sum + count, 0) - noes;
    let at = Math.max(from, state.closedUntil);
    for (const [slot, count] of slots) {
      if (above < 0) break;
      at = Math.max(at, endOf(slot) + windowMs);
      above -= count;
    }
    return at;
  },

  take: (state, { noes, windowMs }) => ({ state: { ...state, noes, windowMs } }),

  giveBack: (state) => state,

  note(state, _limit, news, _mark, at) {
    if (news.kind === 'closed')
      return { ...state, closedUntil: Math.max(state.closedUntil, Math.ceil(at + news.forMs)) };
    if (news.kind !== 'no') return state;
    const slot = Math.floor(at / SLOT_MS);
    const slots = new Map(listRecent(state, at));
    slots.set(slot, (slots.get(slot) ?? 0) + 1);
    return { ...state, slots: [...slots].toSorted(([a], [b]) => a - b) };
  },

  describe(state, now) {
    const slots = listRecent(state, now);
    const used = slots.reduce((sum, [, count]) => sum + count, 0);
    const isClosed = state.closedUntil > now;
    const free = slots[0] ? endOf(slots[0][0]) + state.windowMs : now;
    return {
      limit: state.noes,
      used,
      left: isClosed ? 0 : Math.max(0, state.noes - used),
      resetInMs: Math.max(0, isClosed ? state.closedUntil - now : free - now),
    };
  },

  countsUntil: ({ slots, windowMs, closedUntil }) =>
    Math.max(closedUntil, endOf(slots.at(-1)?.[0] ?? 0) + windowMs),
};

function endOf(slot: number): number {
  return (slot + 1) * SLOT_MS;
}

/** A slot counts until its last moment is out of the window. */
function listRecent({ slots, windowMs }: RefusalState, now: number): RefusalState['slots'] {
  return slots.filter(([slot]) => endOf(slot) + windowMs > now);
}
