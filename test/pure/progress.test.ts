// Real: the stages of an action and their transitions. Fake: a model that keeps each fact as a value of its own.
import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CallerState,
  factsOf,
  goesOnUnanswered,
  isAnswered,
  isDetached,
  markAnswered,
  markDetached,
  nextStage,
  Progress,
  type ProgressEvent,
  type Stage,
  stopsFor,
} from '../../src/execution/progress.js';

const CALLERS: readonly CallerState[] = [
  'waits',
  'answered',
  'waits, detached',
  'answered, detached',
];
const EVENTS: readonly ProgressEvent[] = [
  'read',
  'commit',
  'resume',
  'queued',
  'reopen',
  'start unconfirmed',
  'start refused',
  'start confirmed',
  'unclear answer',
  'accepted',
  'disproved',
  'reverted',
  'next part',
];
/** Every stage that some events lead to. */
const STAGES: readonly Stage[] = listStages();

function listStages(): Stage[] {
  const reached = new Set<Stage>(['received', 'taken']);
  for (const stage of reached) for (const event of EVENTS) reached.add(nextStage(stage, event));
  return [...reached];
}

/** The facts of an action, each on its own, and which events may happen to it. */
class Model {
  row: 'none' | 'perhaps' | 'started' | 'queued' = 'none';
  isRead = false;
  isCommitted = false;
  isInDoubt = false;
  isDone = false;

  constructor(readonly waited: boolean) {}

  get mayHaveHappened(): boolean {
    return this.isInDoubt || this.isDone;
  }

  /** @returns whether the event may happen now */
  take(event: ProgressEvent): boolean {
    const isSent = this.row === 'started' && this.isCommitted;
    // A read is sent without a row, and nothing else happens to it.
    if (this.isRead) return event === 'start confirmed' || event === 'resume';
    switch (event) {
      case 'read':
        this.isRead = this.row === 'none' && !this.waited && !this.isCommitted;
        return this.isRead;
      case 'commit':
        if (this.row !== 'started' && (this.waited || this.row !== 'none')) return false;
        this.isCommitted = true;
        return true;
      case 'resume':
        if (this.mayHaveHappened || this.row === 'queued') return false;
        this.isCommitted = false;
        return true;
      case 'queued':
        if (this.row !== 'none' || !this.isCommitted) return false;
        this.row = 'queued';
        return true;
      case 'reopen':
        if (!this.waited || this.row !== 'none') return false;
        this.isInDoubt = true;
        return true;
      case 'start unconfirmed':
        if (this.row !== 'none' || this.isCommitted) return false;
        this.row = 'perhaps';
        return true;
      case 'start refused':
        if (this.row !== 'perhaps' || !this.waited) return false;
        this.row = 'none';
        return true;
      case 'start confirmed':
        if (this.row === 'queued' || (this.row === 'none' && this.isCommitted)) return false;
        this.row = 'started';
        return true;
      case 'unclear answer':
        if (!isSent) return false;
        this.isInDoubt = true;
        return true;
      case 'accepted':
        if (!isSent) return false;
        this.isDone = true;
        this.isInDoubt = false;
        return true;
      case 'disproved':
        if (!isSent) return false;
        this.isInDoubt = false;
        return true;
      case 'reverted':
        if (this.row !== 'started') return false;
        this.isInDoubt = false;
        this.isDone = false;
        return true;
      case 'next part':
        if (!isSent || !this.isInDoubt) return false;
        this.isInDoubt = false;
        this.isDone = true;
        return true;
    }
  }
}

const HISTORIES = array(constantFrom(...EVENTS), { maxLength: 40, size: 'max' });

describe('the progress of an action', () => {
  it('has the facts of what happened, in every order in which it can happen', () => {
    assert(
      property(constantFrom<Stage>('received', 'taken'), HISTORIES, (first, events) => {
        const model = new Model(first === 'taken');
        const progress = new Progress(first);
        for (const event of events) {
          if (!model.take(event)) continue;
          progress.note(event);
          const { isCommitted, isInDoubt, isDone, mayHaveHappened } = model;
          expect(factsOf(progress.stage)).toEqual({
            isCommitted,
            isInDoubt,
            isDone,
            mayHaveHappened,
          });
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('can be in fifteen stages', () => {
    expect(STAGES).toHaveLength(15);
  });

  it.each(STAGES)('may have happened only by what happened: %s', (stage) => {
    const before = factsOf(stage).mayHaveHappened;
    const changing = EVENTS.filter(
      (event) => factsOf(nextStage(stage, event)).mayHaveHappened !== before,
    );
    const allowed = before ? ['disproved', 'reverted'] : ['reopen', 'unclear answer', 'accepted'];
    expect(changing.filter((event) => !allowed.includes(event))).toEqual([]);
  });

  it.each(STAGES)('is never taken back from its platform by a cancel: %s', (stage) => {
    const { isCommitted, mayHaveHappened } = factsOf(stage);
    const stays = isCommitted && (mayHaveHappened || stage === 'queued');
    expect(factsOf(nextStage(stage, 'resume')).isCommitted).toBe(stays);
  });

  it.each(STAGES)('takes most events twice for once: %s', (stage) => {
    const once = EVENTS.filter((event) => event !== 'disproved' && event !== 'reverted');
    const twice = once.filter((event) => {
      const next = nextStage(stage, event);
      return nextStage(next, event) !== next;
    });
    expect(twice).toEqual([]);
  });
});

const CAUSES = ['cancel', 'caller time', 'work time'] as const;

describe('what stops an action', () => {
  const committed = STAGES.filter((stage) => factsOf(stage).isCommitted);

  it.each(committed)('is nothing once it is committed: %s', (stage) => {
    const stopping = CALLERS.flatMap((caller) =>
      CAUSES.filter((cause) => stopsFor(cause, stage, caller)),
    );
    expect(stopping).toEqual([]);
    expect(CALLERS.every((caller) => goesOnUnanswered(stage, caller))).toBe(true);
  });

  it.each(CALLERS)('before that depends on who waits for it: %s', (caller) => {
    expect(stopsFor('cancel', 'received', caller)).toBe(!isAnswered(caller));
    expect(stopsFor('caller time', 'received', caller)).toBe(!isDetached(caller));
    expect(stopsFor('work time', 'received', caller)).toBe(true);
    expect(goesOnUnanswered('received', caller)).toBe(isDetached(caller));
  });

  it.each(CALLERS)(
    'knows that a caller was answered and that the work is detached: %s',
    (caller) => {
      const answered = markAnswered(caller);
      expect([isAnswered(answered), isDetached(answered)]).toEqual([true, isDetached(caller)]);
      const detached = markDetached(caller);
      expect([isAnswered(detached), isDetached(detached)]).toEqual([isAnswered(caller), true]);
    },
  );
});
