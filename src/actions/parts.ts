import { ActionFailure, type FailureCode } from './failures.js';
import type { Upstream } from './upstream.js';

/** Failures of one part that say nothing about the next. Any other failure ends the action. */
const OF_THE_PART: ReadonlySet<FailureCode> = new Set(['REFUSED', 'NOT_FOUND', 'INVALID_INPUT']);
const IN_DOUBT: ReadonlySet<FailureCode> = new Set(['OUTCOME_UNKNOWN', 'UNREADABLE_ANSWER']);
/** A platform that gives no clear answer so often in a row is not asked on. */
const MOST_DOUBTS_IN_A_ROW = 3;
const MOST_SHOWN = 5;

/** A part that is not done, and why. */
export interface UndonePart<Part> {
  readonly part: Part;
  readonly failure: ActionFailure;
}

/** What became of each part of an action of many writes. */
export interface PartReport<Part> {
  readonly done: readonly Part[];
  /** Surely without an effect. */
  readonly failed: readonly UndonePart<Part>[];
  /** They may have had their effect. */
  readonly inDoubt: readonly UndonePart<Part>[];
  /** Not sent. */
  readonly untried: readonly Part[];
  /** Why those were not sent. */
  readonly stoppedBy?: ActionFailure;
}

/**
 * Carries out the parts of an action one after the other. A part that is refused or in doubt does not stop those
 * after it; what concerns them all does, such as a limit or a rejected token.
 * @param tell what the caller is told if its time ends now, and readers of the running action, from the parts that
 *   are done
 */
export async function carryOutParts<Part>(
  parts: readonly Part[],
  upstream: Upstream,
  tell: (done: readonly Part[]) => Readonly<Record<string, unknown>>,
  act: (part: Part) => Promise<unknown>,
): Promise<PartReport<Part>> {
  const done: Part[] = [];
  const failed: UndonePart<Part>[] = [];
  const inDoubt: UndonePart<Part>[] = [];
  let doubts = 0;
  for (const [index, part] of parts.entries()) {
    upstream.beginPart(tell(done), { tried: index, total: parts.length });
    try {
      await act(part);
      done.push(part);
      doubts = 0;
    } catch (error) {
      if (!(error instanceof ActionFailure)) throw error;
      const failure = error.details.refusedStep ?? error;
      const report = (stoppedBy: ActionFailure, from: number): PartReport<Part> => ({
        done,
        failed,
        inDoubt,
        untried: parts.slice(from),
        stoppedBy,
      });
      if (IN_DOUBT.has(failure.code)) {
        inDoubt.push({ part, failure });
        doubts += 1;
        if (doubts >= MOST_DOUBTS_IN_A_ROW) return report(failure, index + 1);
      } else if (OF_THE_PART.has(failure.code)) {
        failed.push({ part, failure });
        doubts = 0;
      } else return report(failure, index);
    }
  }
  return { done, failed, inDoubt, untried: [] };
}

/**
 * Throws unless every part is done: the failure of the parts where nothing was done, and the UNKNOWN outcome with
 * the known parts where a part was.
 * @param about what the parts are, such as "channels", and what is known of the result
 */
export function requireEveryPart<Part>(
  report: PartReport<Part>,
  about: {
    readonly what: string;
    readonly name: (part: Part) => string;
    /** How many of them a part stands for; one if left out. */
    readonly size?: (part: Part) => number;
    readonly partialResult: Readonly<Record<string, unknown>>;
  },
): void {
  const { done, failed, inDoubt, untried, stoppedBy } = report;
  const undone = [...failed, ...inDoubt];
  const first = stoppedBy ?? undone[0]?.failure;
  if (!first) return;
  const { partialResult, size = () => 1 } = about;
  const sum = (parts: readonly Part[]): number =>
    parts.reduce((total, part) => total + size(part), 0);
  const sumUndone = (some: readonly UndonePart<Part>[]): number =>
    sum(some.map(({ part }) => part));
  const count = sum(done) + sumUndone(undone) + sum(untried);
  if (done.length === 0 && inDoubt.length === 0) {
    const { retryAfterMs, platformStatus, platformCode, violations } = first.details;
    const message = `None of ${count} ${about.what} is changed: ${first.message}`;
    const details = { retryAfterMs, platformStatus, platformCode, violations, partialResult };
    throw new ActionFailure(first.code, message, details);
  }
  const why = ({ part, failure }: UndonePart<Part>): string =>
    `${about.name(part)}: ${failure.message}`;
  const told = [
    `${sum(done)} of ${count} ${about.what} are done`,
    ...tellSome(`${sumUndone(failed)} failed`, failed.map(why)),
    ...tellSome(`${sumUndone(inDoubt)} in doubt`, inDoubt.map(why)),
    ...(untried.length > 0 && stoppedBy ? [`${sum(untried)} not tried: ${stoppedBy.message}`] : []),
  ];
  throw new ActionFailure('OUTCOME_UNKNOWN', `A part of it is done: ${told.join('; ')}`, {
    platformStatus: first.details.platformStatus,
    partialResult,
  });
}

function tellSome(what: string, reasons: readonly string[]): string[] {
  if (reasons.length === 0) return [];
  const more = reasons.length > MOST_SHOWN ? ', …' : '';
  return [`${what}: ${reasons.slice(0, MOST_SHOWN).join(', ')}${more}`];
}
