import { Injectable } from '@nestjs/common';
import { DoorRefusal, refuse } from '../actions/door-refusal.js';
import type { Status } from '../actions/failures.js';
import { isSuccess, type Outcome } from '../actions/outcome.js';
import type { Call } from '../callers/call.js';
import type { Caller } from '../callers/caller.js';
import { KeptEnvelopes } from '../queue/kept-envelopes.js';
import { ActionReader } from './action-reader.js';
import { Batches } from './batch.js';
import { STATUS_MEANINGS } from './contracts/status-meanings.js';

/** What became of one of many actions. */
export interface ChangedAction {
  readonly action_id: string;
  /** Whether what was asked is done, or waits to be carried out. */
  readonly done: boolean;
  /** Of the action, or of the one that was made of it; empty where it is not known to the caller. */
  readonly status: Status | '';
  /** Why not; empty where it is done. */
  readonly reason: string;
  /** The action that a replay made. */
  readonly new_action_id?: string;
}

interface Replay {
  readonly id: string;
  readonly envelope: Readonly<Record<string, unknown>>;
}

const SIDE_BY_SIDE = 10;

/** Why an action of a status is not sent again. Any other status may be. */
const NOT_AGAIN: Readonly<Partial<Record<Status, string>>> = {
  SUCCEEDED: 'It succeeded, and would happen a second time. Send a new action if that is meant',
  PREPARED: 'It was a dry run. Send it without dry_run',
  QUEUED: 'It waits in the queue, and will be carried out',
  SCHEDULED: 'It waits for its time. Move it with PATCH to carry it out earlier',
  RUNNING: 'It is being carried out',
};
const UNKNOWN_AGAIN =
  'It may have happened already. Look at the platform, and set including_unknown to send it all the same';

/** Cancels and replays many actions. Each is decided on by itself. */
@Injectable()
export class ManyActions {
  constructor(
    private readonly reader: ActionReader,
    private readonly batches: Batches,
    private readonly kept: KeptEnvelopes,
  ) {}

  cancel(ids: readonly string[], caller: Caller): Promise<ChangedAction[]> {
    return this.#each(ids, async (action_id) => {
      const { status, message } = await this.reader.cancel(action_id, caller);
      const done = status === 'CANCELLED';
      return { action_id, done, status, reason: done ? '' : message };
    });
  }

  /**
   * Carries out once more what ended without a success. Each becomes a new action of the caller that asks,
   * within its bounds, with a key made of the id: a repeat of the replay acts no second time.
   * @param includingUnknown also what may have happened
   */
  async replay(
    ids: readonly string[],
    includingUnknown: boolean,
    call: Call,
  ): Promise<ChangedAction[]> {
    // It may approve nothing, and must not take what another caller may approve.
    if (call.caller.policy === 'approval_first')
      throw refuse.forbidden(
        `Caller "${call.caller.name}" has the policy approval_first, and carries out nothing again`,
      );
    const replays: Replay[] = [];
    const looked = await this.#each(ids, async (action_id) => {
      const taken = await this.#take(action_id, includingUnknown, call.caller);
      if (taken.result) return taken.result;
      replays.push({ id: action_id, envelope: taken.envelope });
      return { action_id, done: true, status: '', reason: '' };
    });
    if (replays.length === 0) return looked;
    const inOrder = replays.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
    const { responses } = await this.batches.execute(
      inOrder.map(({ envelope }) => envelope),
      call,
      (outcome) => outcome,
    );
    const made = new Map(inOrder.map(({ id }, index) => [id, responses[index] as Outcome]));
    const possiblyDone = [...made].filter(([, { status }]) => isPossiblyDone(status));
    await this.kept.noteReplays(
      possiblyDone.map(([id, outcome]) => ({ id, as: outcome.action_id })),
    );
    return looked.map((result) => {
      const outcome = made.get(result.action_id);
      return outcome ? describeReplay(result.action_id, outcome) : result;
    });
  }

  /** The envelope to send, or why there is none. */
  async #take(
    id: string,
    includingUnknown: boolean,
    caller: Caller,
  ): Promise<
    | { readonly result?: undefined; readonly envelope: Replay['envelope'] }
    | { readonly result: ChangedAction }
  > {
    const { outcome } = await this.reader.findControllable(id, caller, 'send it again');
    const { status } = outcome;
    const refusal = status === 'UNKNOWN' && !includingUnknown ? UNKNOWN_AGAIN : NOT_AGAIN[status];
    const notDone = (reason: string) => ({
      result: { action_id: id, done: false, status, reason },
    });
    if (refusal !== undefined) return notDone(refusal);
    const taken = await this.kept.take(id, status, caller);
    if ('reason' in taken) {
      const { reason, madeBefore } = taken;
      if (madeBefore === undefined) return notDone(reason);
      return { result: describeReplay(id, await this.reader.read(madeBefore, caller)) };
    }
    // Its time has passed, and its key belongs to the caller that chose it.
    const again = { ...taken.envelope.raw, idempotency_key: `replay:${id}`, run_at: undefined };
    return { envelope: again };
  }

  /** A few at a time. What is out of reach, or not known, is a reason. */
  async #each(
    ids: readonly string[],
    change: (id: string) => Promise<ChangedAction>,
  ): Promise<ChangedAction[]> {
    const results: ChangedAction[] = [];
    for (let from = 0; from < ids.length; from += SIDE_BY_SIDE) {
      const part = ids.slice(from, from + SIDE_BY_SIDE).map((id) =>
        change(id).catch((error: unknown): ChangedAction => {
          if (!(error instanceof DoorRefusal) || error.http >= 500) throw error;
          return { action_id: id, done: false, status: '', reason: error.message };
        }),
      );
      results.push(...(await Promise.all(part)));
    }
    return results;
  }
}

function isPossiblyDone(status: Status): boolean {
  return isSuccess(status) || status === 'RUNNING' || status === 'UNKNOWN';
}

function describeReplay(
  action_id: string,
  { action_id: new_action_id, status, error }: Outcome,
): ChangedAction {
  const done = isSuccess(status) || status === 'RUNNING';
  const reason = done ? '' : error || STATUS_MEANINGS[status].meaning;
  return { action_id, done, status, reason, new_action_id };
}
