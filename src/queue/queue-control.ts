import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { Callers } from '../callers/callers.js';
import { describeEvent } from '../database/audit-event.js';
import { Database } from '../database/database.js';
import { Vault } from '../database/vault.js';
import { OwnWork } from '../journal/own-work.js';
import { placeOfEnvelope, type WaitingEnvelope } from './action-queue.js';
import { LINES, MOVE, PAUSE, RESUME } from './queue-statements.js';

/** A line of waiting actions, as people see it. */
export interface QueueLine {
  readonly line: string;
  /** Actions within the reach of the caller that wait in it. */
  readonly waiting: number;
  /** When the first of them is due; null where none waits. */
  readonly next_at: Date | null;
  readonly paused: boolean;
  /** Why, by whom and since when it is paused. */
  readonly reason: string;
  readonly paused_by: string;
  readonly paused_at: Date | null;
}

interface LineRow extends Omit<QueueLine, 'paused' | 'reason' | 'paused_by'> {
  readonly reason: string | null;
  readonly paused_by: string | null;
  readonly owner: string | null;
}

/** What a change of a line met: the line as it is now, or why it was not changed. */
export type LineChange = QueueLine | 'not found' | 'out of reach';

/** What people change about the queue: when an action is due, and whether a line moves. */
@Injectable()
export class QueueControl {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly callers: Callers,
    private readonly work: OwnWork,
  ) {}

  /**
   * Gives a scheduled action another time.
   * @returns false for one that is not scheduled any more, or that another moved at the same time
   */
  async move(id: string, runAt: string, caller: Caller): Promise<boolean> {
    const [kept] = await this.database.query<{ envelope: string }>(
      'SELECT envelope FROM queued_actions WHERE id = $1',
      [id],
    );
    if (!kept) return false;
    const place = placeOfEnvelope(id);
    const envelope = JSON.parse(this.vault.decrypt(kept.envelope, place)) as WaitingEnvelope;
    const moved = { ...envelope, raw: { ...envelope.raw, run_at: runAt } };
    const sealed = this.vault.encrypt(JSON.stringify(moved), place);
    const event = describeEvent({
      kind: 'action.moved',
      callerId: caller.identity,
      owner: caller.owner,
      subject: `action/${id}`,
      details: { from: String(envelope.raw['run_at']), to: runAt },
    });
    const changed = await this.database.change(MOVE, [id, runAt, kept.envelope, sealed, event]);
    if (changed === 0) return false;
    this.work.move(id, runAt, sealed);
    return true;
  }

  /** Lines with waiting actions that the caller may read, and those it may let go on. */
  async listLines(caller: Caller, after: string, limit: number): Promise<QueueLine[]> {
    const rows = await this.#read(caller, 'read', { after, limit });
    return rows.map((row) => this.#describe(row));
  }

  /**
   * Pauses a line, or lets it go on. A replica that works on it begins no further action of it.
   * The caller must be able to control every action that waits in it.
   */
  async setPaused(
    line: string,
    { paused, reason }: { paused: boolean; reason: string },
    caller: Caller,
  ): Promise<LineChange> {
    const [row] = await this.#read(caller, 'control', { line, limit: 1 });
    if (!row) return 'not found';
    const [all] = await this.database.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM queued_actions queued
       JOIN actions ON actions.id = queued.id::uuid AND status IN ('QUEUED', 'SCHEDULED')
       WHERE queued.line = $1`,
      [line],
    );
    if ((all?.waiting ?? 0) > row.waiting) return 'out of reach';
    const event = describeEvent({
      kind: paused ? 'line.paused' : 'line.resumed',
      callerId: caller.identity,
      owner: caller.owner,
      subject: `line/${line}`,
      reason,
    });
    const values = [line, event];
    if (!paused) await this.database.change(RESUME, values);
    else
      await this.database.change(PAUSE, [...values, caller.owner ?? '', caller.identity, reason]);
    const [now] = await this.#read(caller, 'read', { line, limit: 1 });
    // A line in which nothing waits, and which goes on, is gone.
    return this.#describe(now ?? { ...row, waiting: 0, next_at: null, paused_at: null });
  }

  async #read(
    caller: Caller,
    verb: 'read' | 'control',
    { line, after = '', limit }: { line?: string; after?: string; limit: number },
  ): Promise<LineRow[]> {
    const { condition, values, next } = caller.toSql('a', verb);
    const { platforms, accounts, actions } = caller;
    const isPart = (platforms ?? accounts ?? actions) !== undefined;
    return this.database.query<LineRow>(LINES(condition, next), [
      ...values,
      line ?? null,
      after,
      limit,
      caller.owner ?? null,
      isPart ? caller.identity : null,
    ]);
  }

  #describe({ line, waiting, next_at, paused_at, reason, paused_by }: LineRow): QueueLine {
    const paused = paused_at !== null;
    return {
      line,
      waiting,
      next_at,
      paused,
      reason: paused ? (reason ?? '') : '',
      paused_by: paused && paused_by !== null ? this.callers.nameOf(paused_by) : '',
      paused_at,
    };
  }
}
