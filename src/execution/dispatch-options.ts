import type { Priority } from '../actions/envelope.js';
import type { Limit } from '../actions/limit.js';
import type { FileStream } from '../actions/upload.js';
import type { PartsReport } from './part-reporter.js';
import type { ActionTrace } from '../observability/traces.js';

/** What an action brings along for its requests. */
export interface DispatchOptions {
  /** Limits that the action counts against, beside the limits of every request. */
  readonly limits: readonly Limit[];
  readonly priority: Priority;
  /** Commits that the action starts; called once, before the first byte is sent. @throws ActionFailure when it must not */
  readonly begin: () => Promise<void>;
  /** Writes how far an action of many parts is, for readers of the running action. */
  readonly report?: (report: PartsReport) => Promise<void>;
  /** An earlier attempt was cut off, and it is unknown whether it had its effect. */
  readonly isRepeat?: boolean;
  /** The file that came with the request. */
  readonly file?: FileStream;
  readonly trace?: ActionTrace;
}
