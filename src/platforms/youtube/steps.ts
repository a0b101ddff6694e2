import { ActionFailure } from '../../actions/failures.js';

/** Why the last of several steps surely had no effect; undefined where it is in doubt. */
export function findRefusedStep(error: unknown): ActionFailure | undefined {
  if (!(error instanceof ActionFailure)) return undefined;
  // A picture that cannot be read, or is none, is not sent.
  return error.code === 'INVALID_INPUT' ? error : error.details.refusedStep;
}

/** The failure of an action of several steps of which nothing is left. @param rest what became of the others */
export function refuseWhole(refused: ActionFailure, rest: string): ActionFailure {
  const { platformStatus, platformCode, retryAfterMs, violations } = refused.details;
  return new ActionFailure(refused.code, `${refused.message}; ${rest}`, {
    platformStatus,
    platformCode,
    retryAfterMs,
    violations,
    nothingHappened: true,
  });
}
