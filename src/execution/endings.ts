import type { FailureCode } from '../actions/failures.js';
import type { Stage } from './progress.js';

/** What the recipe returned or threw. */
export type EndedBy =
  /** A result: of the action, of a dry run, or a place in the queue. */
  | 'result'
  /** The stored answer to an earlier request. */
  | 'replay'
  /** The caller's own budget refused the request before it was read. */
  | 'budget'
  /** The platform refused for good: the same request would be refused again. */
  | 'refusal'
  /** Any other failure. An error that is no ActionFailure becomes one with the code `faultCode`. */
  | 'failure';

/** How the row in the log is written. */
type RowWrite =
  /** There is none, or the queue writes it. */
  | 'none'
  /** As a new row that has ended. */
  | 'insert'
  /** As the end of a row that exists. */
  | 'update'
  /** As the end of a row that may be missing. */
  | 'upsert'
  /** As a new row where AUDIT_READS is set; there is none otherwise. */
  | 'audit';

interface Ending {
  readonly row: RowWrite;
  /** The idempotency key: 'kept' with the answer, 'freed' for the next request, 'none' is claimed. */
  readonly key: 'kept' | 'freed' | 'none';
}

interface StageEndings extends Readonly<Record<EndedBy, Ending>> {
  /** The code of a thrown error that is no ActionFailure; every other ending has its own status. */
  readonly faultCode: Extract<FailureCode, 'INTERNAL' | 'UNREADABLE_ANSWER'>;
  /** The failure code of the answer when the row cannot be written. */
  readonly unrecordedCode: Extract<FailureCode, 'GATEWAY_UNAVAILABLE' | 'OUTCOME_UNKNOWN'>;
  /** The answer waits for the row, except where it is not known whether the row exists. */
  readonly answersFirst: boolean;
}

const NOT_RECORDED: Ending = { row: 'none', key: 'none' };
const INSERTED: Ending = { row: 'insert', key: 'none' };
const KEPT: Ending = { row: 'update', key: 'kept' };
const FREED: Ending = { row: 'update', key: 'freed' };
const UPSERTED: Ending = { row: 'upsert', key: 'freed' };

/** No row exists. A caller over its budget gets none, so that it cannot fill the log. */
const WITHOUT_ROW: StageEndings = {
  result: INSERTED,
  replay: NOT_RECORDED,
  budget: NOT_RECORDED,
  refusal: INSERTED,
  failure: INSERTED,
  faultCode: 'INTERNAL',
  unrecordedCode: 'GATEWAY_UNAVAILABLE',
  answersFirst: false,
};

const AUDITED: Ending = { row: 'audit', key: 'none' };

/** A read changes nothing, so that its answer need not wait for a row. */
const READING: StageEndings = {
  result: AUDITED,
  replay: NOT_RECORDED,
  budget: NOT_RECORDED,
  refusal: AUDITED,
  failure: AUDITED,
  faultCode: 'INTERNAL',
  unrecordedCode: 'GATEWAY_UNAVAILABLE',
  answersFirst: false,
};

/** The queue ends the row. */
const IN_QUEUE: StageEndings = {
  ...WITHOUT_ROW,
  result: NOT_RECORDED,
  refusal: NOT_RECORDED,
  failure: NOT_RECORDED,
};

/** The row exists, and this attempt did not start: the key is free for the next request. */
const WAITED: StageEndings = {
  result: KEPT,
  replay: NOT_RECORDED,
  budget: FREED,
  refusal: FREED,
  failure: FREED,
  faultCode: 'INTERNAL',
  unrecordedCode: 'GATEWAY_UNAVAILABLE',
  answersFirst: false,
};

/** The row says that the action runs, and nothing has happened: only a final answer keeps the key. */
const STARTED: StageEndings = { ...WAITED, refusal: KEPT, unrecordedCode: 'OUTCOME_UNKNOWN' };

/** Something may have happened: every ending keeps the key, so that it does not happen twice. */
const POSSIBLY_DONE: StageEndings = {
  ...STARTED,
  budget: KEPT,
  failure: KEPT,
  faultCode: 'UNREADABLE_ANSWER',
};

/** Every ending of an action: its stage, and what the recipe returned or threw. */
export const ENDINGS: Readonly<Record<Stage, StageEndings>> = {
  received: WITHOUT_ROW,
  reading: READING,
  queueing: WITHOUT_ROW,
  queued: IN_QUEUE,
  taken: WAITED,
  'perhaps started': {
    ...WAITED,
    budget: UPSERTED,
    refusal: UPSERTED,
    failure: UPSERTED,
    answersFirst: true,
  },
  'perhaps resumed': { ...WAITED, answersFirst: true },
  started: STARTED,
  dispatched: STARTED,
  'taken in doubt': { ...POSSIBLY_DONE, unrecordedCode: 'GATEWAY_UNAVAILABLE' },
  'perhaps resumed in doubt': {
    ...POSSIBLY_DONE,
    unrecordedCode: 'GATEWAY_UNAVAILABLE',
    answersFirst: true,
  },
  'started in doubt': POSSIBLY_DONE,
  'in doubt': POSSIBLY_DONE,
  done: POSSIBLY_DONE,
  'done, next in doubt': POSSIBLY_DONE,
};
