import { Injectable } from '@nestjs/common';
import type { Caller } from '../actions/caller.js';
import type { Outcome } from '../actions/outcome.js';
import { ActionLog } from '../audit/action-log.js';
import { ActionQueue } from '../audit/action-queue.js';
import { mayRead } from '../audit/reach.js';
import { refuse } from './refusal.js';

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

/** Past actions for those who may see them: their own caller, or who has read_audit. */
@Injectable()
export class ActionReader {
  constructor(
    private readonly log: ActionLog,
    private readonly queue: ActionQueue,
  ) {}

  /** @throws DoorRefusal INVALID_ARGUMENT, NOT_FOUND (also for actions of others) */
  async read(actionId: string, caller: Caller): Promise<Outcome> {
    requireUuid(actionId, 'action_id');
    const found = await this.log.read(actionId.toLowerCase());
    // Whether somebody else's action exists is nobody's business either.
    if (!found || !mayRead(caller, found))
      throw refuse.notFound(`No action ${actionId} of this caller is known`);
    return found.outcome;
  }

  /** @throws DoorRefusal INVALID_ARGUMENT, NOT_FOUND (also for batches of others) */
  async readBatch(batchId: string, caller: Caller): Promise<BatchProgress> {
    requireUuid(batchId, 'batch_id');
    const counts = await this.log.countBatch(batchId, caller);
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (total === 0) throw refuse.notFound(`No batch ${batchId} of this caller is known`);
    const left = UNFINISHED.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
    return {
      batch_id: batchId,
      total,
      finished: total - left,
      progress: (total - left) / total,
      by_status: counts,
    };
  }

  /** Takes a waiting action out of the queue; any other is answered as it has become. */
  async cancel(actionId: string, caller: Caller): Promise<Outcome> {
    const outcome = await this.read(actionId, caller);
    if (await this.queue.cancel(outcome.action_id)) return this.read(actionId, caller);
    return {
      ...outcome,
      message: `Only queued or scheduled actions can be cancelled; this one is ${outcome.status}`,
    };
  }
}

/** @throws DoorRefusal INVALID_ARGUMENT naming the field */
export function requireUuid(text: string, field: string): void {
  if (!UUID.test(text))
    throw refuse.malformed(`${field} must be the id that an answer gave, a UUID`);
}
