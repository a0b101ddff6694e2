import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import type { Outcome } from '../actions/outcome.js';
import { ActionLog, type LoggedAction } from '../journal/action-log.js';
import { ActionSearch, type AuditEntry } from '../journal/action-search.js';
import { ActionQueue } from '../queue/action-queue.js';
import { QueueControl } from '../queue/queue-control.js';
import { KeptEnvelopes } from '../queue/kept-envelopes.js';
import { refuse } from '../actions/door-refusal.js';

/** How far the actions of a batch are. */
export interface BatchProgress {
  readonly batch_id: string;
  readonly total: number;
  readonly finished: number;
  /** From 0 to 1. */
  readonly progress: number;
  readonly by_status: Readonly<Record<string, number>>;
}

const UNFINISHED = ['QUEUED', 'SCHEDULED', 'RUNNING'];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The same, with when the batch came. */
export interface ListedBatch extends BatchProgress {
  readonly created_at: Date;
}

/** Past actions, as far as a caller reaches. */
@Injectable()
export class ActionReader {
  constructor(
    private readonly log: ActionLog,
    private readonly queue: ActionQueue,
    private readonly search: ActionSearch,
    private readonly kept: KeptEnvelopes,
    private readonly control: QueueControl,
  ) {}

  /** @throws DoorRefusal INVALID_ARGUMENT, NOT_FOUND (also for actions of others) */
  async read(actionId: string, caller: Caller): Promise<Outcome> {
    return (await this.#find(actionId, caller)).outcome;
  }

  /**
   * The same, of an action that waited for an approval: once it was approved, what became of it.
   * @throws DoorRefusal as `read`
   */
  async readApproved(actionId: string, caller: Caller): Promise<Outcome> {
    const outcome = await this.read(actionId, caller);
    if (outcome.failure?.code !== 'APPROVAL_REQUIRED') return outcome;
    const replay = await this.kept.findReplay(outcome.action_id);
    const approved = replay === undefined ? undefined : await this.log.read(replay);
    return approved?.outcome ?? outcome;
  }

  /** The same, with what else the log knows of the action. @throws DoorRefusal as `read` */
  async readEntry(
    actionId: string,
    caller: Caller,
  ): Promise<{ readonly outcome: Outcome; readonly entry: AuditEntry }> {
    const outcome = await this.read(actionId, caller);
    const entry = await this.search.findOne(caller, outcome.action_id);
    // Retention may take the row away between the two.
    if (entry) return { outcome, entry };
    throw refuse.notFound(`No action ${actionId} within the reach of this caller is known`);
  }

  /** Whether an action out of reach exists is not told. @throws DoorRefusal as `read` */
  async #find(actionId: string, caller: Caller): Promise<LoggedAction> {
    requireUuid(actionId, 'action_id');
    const found = await this.log.read(actionId.toLowerCase());
    if (found && caller.reaches(found, 'read')) return found;
    throw refuse.notFound(`No action ${actionId} within the reach of this caller is known`);
  }

  /** @throws DoorRefusal INVALID_ARGUMENT, NOT_FOUND (also for batches of others) */
  async readBatch(batchId: string, caller: Caller): Promise<BatchProgress> {
    requireUuid(batchId, 'batch_id');
    const counts = await this.log.countBatch(batchId, caller);
    const progress = describeProgress(batchId, counts);
    if (progress.total === 0) throw refuse.notFound(`No batch ${batchId} of this caller is known`);
    return progress;
  }

  /** The latest batches, as far as the caller reaches their actions. @param before the id of a batch */
  async listBatches(
    caller: Caller,
    before: string | undefined,
    limit: number,
  ): Promise<ListedBatch[]> {
    const batches = await this.log.listBatches(caller, before, limit);
    return batches.map(({ batch_id, created_at, counts }) =>
      Object.assign(describeProgress(batch_id, counts), { created_at }),
    );
  }

  /**
   * Gives a scheduled action another time.
   * @throws DoorRefusal as `read`, PERMISSION_DENIED, and ABORTED for one that is not scheduled any more
   */
  async move(actionId: string, runAt: string, caller: Caller): Promise<Outcome> {
    const { outcome } = await this.findControllable(actionId, caller, 'move it');
    const id = outcome.action_id;
    const isMoved = outcome.status === 'SCHEDULED' && (await this.control.move(id, runAt, caller));
    const now = await this.read(id, caller);
    if (isMoved) return now;
    throw refuse.conflict(
      now.status === 'SCHEDULED'
        ? `Action ${id} was changed at the same moment; read it and move it again`
        : `Only a scheduled action can be moved; action ${id} is ${now.status}`,
    );
  }

  /**
   * An action that the caller may change.
   * @param what it wants to do, for the refusal
   * @throws DoorRefusal as `read`, and PERMISSION_DENIED for an action that the caller may only read
   */
  async findControllable(actionId: string, caller: Caller, what: string): Promise<LoggedAction> {
    const found = await this.#find(actionId, caller);
    if (caller.reaches(found, 'control')) return found;
    throw refuse.forbidden(
      `Caller "${caller.name}" may read action ${actionId}, and not ${what}: it acts for an account out of its reach`,
    );
  }

  /**
   * Takes a waiting action out of the queue; any other is answered as it has become.
   * The door has asked for the permission execute_actions.
   * @throws DoorRefusal as `read`, and PERMISSION_DENIED for an action that the caller may only read
   */
  async cancel(actionId: string, caller: Caller): Promise<Outcome> {
    const { outcome } = await this.findControllable(actionId, caller, 'cancel it');
    if (await this.queue.cancel(outcome.action_id, caller, this.kept.hours))
      return this.read(actionId, caller);
    // What it has become meanwhile: two may cancel at once, and it may have begun.
    const { outcome: now } = await this.#find(actionId, caller);
    if (now.status === 'CANCELLED') return now;
    return {
      ...now,
      message: `Only queued or scheduled actions can be cancelled; this one is ${now.status}`,
    };
  }
}

function describeProgress(
  batch_id: string,
  by_status: Readonly<Record<string, number>>,
): BatchProgress {
  const total = Object.values(by_status).reduce((sum, count) => sum + count, 0);
  const left = UNFINISHED.reduce((sum, status) => sum + (by_status[status] ?? 0), 0);
  const finished = total - left;
  return { batch_id, total, finished, progress: finished / total, by_status };
}

export function isUuid(value: unknown): boolean {
  return typeof value === 'string' && UUID.test(value);
}

/** @throws DoorRefusal INVALID_ARGUMENT naming the field */
function requireUuid(text: string, field: string): void {
  if (!isUuid(text)) throw refuse.malformed(`${field} must be the id that an answer gave, a UUID`);
}
