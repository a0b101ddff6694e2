/**
 * How far an action has come: what is known of its row in the log, and of its effect on the platform.
 * Every ending is decided from this one value (endings.ts).
 */
export type Stage =
  /** Received; it has no row. */
  | 'received'
  /** A read, which has no row while it is under way, and changes nothing. */
  | 'reading'
  /** Its row is being written to the queue. */
  | 'queueing'
  /** Its row is in the queue, and the queue ends it. */
  | 'queued'
  /** Taken from the queue: its row exists, and says that it waits. */
  | 'taken'
  /** The started row may or may not be committed. */
  | 'perhaps started'
  /** The row from the queue may or may not say that it runs. */
  | 'perhaps resumed'
  /** The started row is committed. No write was sent. */
  | 'started'
  /** Taken from the queue after an earlier attempt whose outcome is unknown. */
  | 'taken in doubt'
  /** The same, while the row may or may not say that it runs. */
  | 'perhaps resumed in doubt'
  /** The same, and the row says that it runs. Nothing was sent in this attempt. */
  | 'started in doubt'
  /** A write was sent, or one had no effect by the platform's own answer. */
  | 'dispatched'
  /** A write may have had its effect, and no answer says whether. */
  | 'in doubt'
  /** A write was accepted with a 2xx answer, or a part of the action is in doubt and told as such. */
  | 'done'
  /** A write was accepted, and a later one is in doubt. */
  | 'done, next in doubt';

/** What can happen to an action. */
export type ProgressEvent =
  /** It was found to be a read. */
  | 'read'
  /** From here on neither a cancel nor the end of the caller's time stops the action. */
  | 'commit'
  /** What was committed surely had no effect, and the caller's time counts again. */
  | 'resume'
  /** The queue has the action, or may have it. */
  | 'queued'
  /** A repeat of an attempt whose outcome is unknown. */
  | 'reopen'
  /** The start is being written, or its write was not confirmed. */
  | 'start unconfirmed'
  /** The start surely was not written. */
  | 'start refused'
  /** The start is committed. */
  | 'start confirmed'
  /** A write had no clear answer. */
  | 'unclear answer'
  /** A write was accepted. */
  | 'accepted'
  /** The write in doubt surely had no effect. */
  | 'disproved'
  /** The platform accepted the write, and says in its answer that it had no effect. */
  | 'reverted'
  /** The action tells of each of its parts, and goes on with the next. */
  | 'next part';

/** What follows from a stage for those who have to decide something. */
interface StageFacts {
  /** Neither a cancel nor the end of the caller's time stops the action. */
  readonly isCommitted: boolean;
  /** The platform may have changed something for this action. */
  readonly mayHaveHappened: boolean;
  /** A write may have had its effect, and no answer says whether. */
  readonly isInDoubt: boolean;
  /** A write was accepted. */
  readonly isDone: boolean;
}

const HELD = { isCommitted: false, mayHaveHappened: false, isInDoubt: false, isDone: false };
const COMMITTED = { ...HELD, isCommitted: true };
const DOUBTED = { ...HELD, mayHaveHappened: true, isInDoubt: true };

const FACTS: Readonly<Record<Stage, StageFacts>> = {
  received: HELD,
  reading: HELD,
  queueing: COMMITTED,
  queued: COMMITTED,
  taken: HELD,
  'perhaps started': HELD,
  'perhaps resumed': HELD,
  started: HELD,
  'taken in doubt': DOUBTED,
  'perhaps resumed in doubt': DOUBTED,
  'started in doubt': DOUBTED,
  dispatched: COMMITTED,
  'in doubt': { ...DOUBTED, isCommitted: true },
  done: { isCommitted: true, mayHaveHappened: true, isInDoubt: false, isDone: true },
  'done, next in doubt': {
    isCommitted: true,
    mayHaveHappened: true,
    isInDoubt: true,
    isDone: true,
  },
};

/** The transitions. An event that a stage does not list leaves the stage as it is. */
const TRANSITIONS: Readonly<Record<ProgressEvent, Readonly<Partial<Record<Stage, Stage>>>>> = {
  read: { received: 'reading' },
  commit: { received: 'queueing', started: 'dispatched', 'started in doubt': 'in doubt' },
  resume: { queueing: 'received', dispatched: 'started' },
  queued: { queueing: 'queued' },
  reopen: { taken: 'taken in doubt' },
  'start unconfirmed': {
    received: 'perhaps started',
    taken: 'perhaps resumed',
    'taken in doubt': 'perhaps resumed in doubt',
  },
  'start refused': {
    'perhaps resumed': 'taken',
    'perhaps resumed in doubt': 'taken in doubt',
  },
  'start confirmed': {
    received: 'started',
    taken: 'started',
    'perhaps started': 'started',
    'perhaps resumed': 'started',
    'taken in doubt': 'started in doubt',
    'perhaps resumed in doubt': 'started in doubt',
  },
  'unclear answer': { started: 'in doubt', dispatched: 'in doubt', done: 'done, next in doubt' },
  accepted: {
    started: 'done',
    dispatched: 'done',
    'started in doubt': 'done',
    'in doubt': 'done',
    'done, next in doubt': 'done',
  },
  disproved: { 'in doubt': 'dispatched', 'done, next in doubt': 'done' },
  reverted: {
    'started in doubt': 'started',
    'in doubt': 'dispatched',
    done: 'dispatched',
    'done, next in doubt': 'dispatched',
  },
  'next part': { 'in doubt': 'done', 'done, next in doubt': 'done' },
};

/** Whether the caller still waits for the answer, and whether the work may go on after it. */
export type CallerState = 'waits' | 'answered' | 'waits, detached' | 'answered, detached';

const ANSWERED: Readonly<Record<CallerState, CallerState>> = {
  waits: 'answered',
  answered: 'answered',
  'waits, detached': 'answered, detached',
  'answered, detached': 'answered, detached',
};

const DETACHED: Readonly<Record<CallerState, CallerState>> = {
  waits: 'waits, detached',
  answered: 'answered, detached',
  'waits, detached': 'waits, detached',
  'answered, detached': 'answered, detached',
};

/** What may stop an action: a cancel, the end of the caller's time, or the end of the work's own time. */
export type StopCause = 'cancel' | 'caller time' | 'work time';

export function nextStage(stage: Stage, event: ProgressEvent): Stage {
  return TRANSITIONS[event][stage] ?? stage;
}

export function factsOf(stage: Stage): StageFacts {
  return FACTS[stage];
}

export function markAnswered(caller: CallerState): CallerState {
  return ANSWERED[caller];
}

export function markDetached(caller: CallerState): CallerState {
  return DETACHED[caller];
}

export function isAnswered(caller: CallerState): boolean {
  return caller === 'answered' || caller === 'answered, detached';
}

export function isDetached(caller: CallerState): boolean {
  return caller === 'waits, detached' || caller === 'answered, detached';
}

/** Whether an action stops for a cause. A committed action stops for none. */
export function stopsFor(cause: StopCause, stage: Stage, caller: CallerState): boolean {
  if (FACTS[stage].isCommitted) return false;
  if (cause === 'cancel') return !isAnswered(caller);
  return cause === 'work time' || !isDetached(caller);
}

/** Whether an action goes on when its caller is answered before the outcome is known. */
export function goesOnUnanswered(stage: Stage, caller: CallerState): boolean {
  return FACTS[stage].isCommitted || isDetached(caller);
}

/** The progress of one action: the recipe, its deadline and its upstream session share it. */
export class Progress {
  /** @param stage 'taken' for an action from the queue, whose row exists */
  constructor(public stage: Stage = 'received') {}

  note(event: ProgressEvent): void {
    this.stage = nextStage(this.stage, event);
  }

  get isCommitted(): boolean {
    return FACTS[this.stage].isCommitted;
  }

  get mayHaveHappened(): boolean {
    return FACTS[this.stage].mayHaveHappened;
  }

  get isInDoubt(): boolean {
    return FACTS[this.stage].isInDoubt;
  }

  get isDone(): boolean {
    return FACTS[this.stage].isDone;
  }
}
