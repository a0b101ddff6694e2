// Real: how a call of REST is opened. Fake: the clock, which stands still, and the socket.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openRestCall } from '../../src/doors/door/open-call.js';
import { makeCaller } from '../support/callers.js';

const NOW = 1_000;
const BUDGET_MS = 60_000;
const socket = { on: () => undefined, off: () => undefined };

afterEach(() => void vi.restoreAllMocks());

/** Milliseconds until the answer has to leave, and until the caller no longer waits. */
function openWith(prefer?: string): { readonly answer: number; readonly deadline: number } {
  vi.spyOn(performance, 'now').mockReturnValue(NOW);
  const request = { headers: { prefer }, raw: { socket } };
  const { call } = openRestCall(request, makeCaller(), BUDGET_MS);
  return { answer: call.answerBy - NOW, deadline: call.deadline - NOW };
}

describe('Prefer: wait', () => {
  it.each([
    ['wait=10', 9_750],
    ['WAIT = "10"', 9_750],
    ['respond-async, wait=1; strict', 750],
    ['wait=90', 89_750],
  ])('%s is a deadline', (prefer, deadline) => {
    expect(openWith(prefer)).toEqual({ answer: Math.min(deadline, BUDGET_MS), deadline });
  });

  it.each([[undefined], [''], ['wait=0'], ['wait=-1'], ['wait=1.5'], ['wait=soon'], ['await=5']])(
    '%s is none',
    (prefer) => {
      expect(openWith(prefer)).toEqual({ answer: BUDGET_MS, deadline: Infinity });
    },
  );
});
