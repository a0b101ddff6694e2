/** What is wrong on purpose; each must be found by the properties of the model. */
export const PLANTED_FAULTS = [
  'an ending overwrites what is final',
  'a beginning claims no key',
  'the reaper ignores leases',
  'a late statement has no end',
  'an ending leaves the key',
  'a waiting action may begin whatever became of it',
  'a replica puts back what another has begun',
  'what was taken over ends as unsent',
] as const;
export type PlantedFault = (typeof PLANTED_FAULTS)[number];

export type RowStatus = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'UNKNOWN' | 'CANCELLED';
export const FINAL: ReadonlySet<RowStatus> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);
const OPEN: ReadonlySet<RowStatus> = new Set(['QUEUED', 'RUNNING', 'UNKNOWN']);

/** What becomes of the key when an action ends: its answer, null for a key that is free again. */
export type KeyEnding = 'SUCCEEDED' | 'UNKNOWN' | null;

/** What a key stands for. */
export type KeyState = 'free' | 'running' | RowStatus;

/** An action at the head of its line, as it was when the line was taken. */
export interface TakenAction {
  readonly id: number;
  readonly status: RowStatus;
}

/**
 * The tables of the life of actions that share one idempotency key and one line, and the statements on them:
 * each method does what one SQL statement of `ActionLog`, `ActionQueue`, `Idempotency` or `ReplicaLease` does.
 * test/room/action-life.test.ts holds the two against each other.
 */
export class ActionTables {
  readonly rows = new Map<number, RowStatus>();
  /** Which lease each action was begun with, the last time. */
  readonly begunBy = new Map<number, number>();
  /** Which lease each running action belongs to. */
  readonly running = new Map<number, number>();
  key: { action: number; answer: RowStatus | undefined } | undefined;
  /** Ids in their order. */
  queued: number[] = [];
  line: { lease: number; hold: number } | undefined;
  /** Running actions that another replica may send again, since the platform takes both for one. */
  readonly insured = new Set<number>();
  /** Until when each lease holds, on the clock of the database in seconds. */
  readonly leases = new Map<number, number>();

  constructor(private readonly fault?: PlantedFault) {}

  /** `START`. @returns false where another action has the key */
  start(id: number, lease: number, isInsured = false): boolean {
    if (!this.#claim(id)) return false;
    if (isInsured) this.insured.add(id);
    this.rows.set(id, 'RUNNING');
    this.running.set(id, lease);
    this.begunBy.set(id, lease);
    return true;
  }

  /** The statement of `ActionQueue.add`. @returns false where another action has the key */
  enqueue(id: number): boolean {
    if (!this.#claim(id)) return false;
    this.rows.set(id, 'QUEUED');
    this.queued.push(id);
    return true;
  }

  /** `FIND_KEYS`, and the log where no answer is kept. */
  find(): KeyState {
    if (!this.key) return 'free';
    if (this.key.answer !== undefined) return this.key.answer;
    const status = this.rows.get(this.key.action);
    return status === 'UNKNOWN' || status === 'QUEUED' ? status : 'running';
  }

  /**
   * `FINISH`.
   * @param unsentBy the leases of a replica that has sent nothing of it, and ends it for this reason
   * @returns whether the row has ended by this
   */
  finish(id: number, status: RowStatus, answer: KeyEnding, unsentBy?: readonly number[]): boolean {
    const owner = this.begunBy.get(id);
    const isTakenOver = owner !== undefined && unsentBy !== undefined && !unsentBy.includes(owner);
    if (this.insured.delete(id)) this.queued = this.queued.filter((other) => other !== id);
    if (isTakenOver && this.fault !== 'what was taken over ends as unsent') return false;
    this.running.delete(id);
    const now = this.rows.get(id);
    const mayEnd = this.fault === 'an ending overwrites what is final' || OPEN.has(now ?? status);
    if (now === undefined || !mayEnd) return false;
    this.rows.set(id, status);
    if (this.fault === 'an ending leaves the key' || this.key?.action !== id) return true;
    if (answer === null) this.key = undefined;
    else this.key.answer = answer;
    return true;
  }

  /** The statement of `ActionQueue.take`. @returns undefined where the line is empty or held */
  take(lease: number, hold: number): TakenAction[] | undefined {
    if (this.line || this.queued.length === 0) return undefined;
    this.line = { lease, hold };
    return this.queued.map((id) => ({ id, status: this.rows.get(id) ?? 'CANCELLED' }));
  }

  /** The statement of `ActionQueue.begin`. */
  begin(id: number, lease: number, isInDoubt: boolean): boolean {
    const status = this.rows.get(id);
    const mayRepeat =
      isInDoubt || this.fault === 'a waiting action may begin whatever became of it';
    const mayBegin = status === 'QUEUED' || (mayRepeat && status === 'UNKNOWN');
    if (!mayBegin) return false;
    this.rows.set(id, 'RUNNING');
    this.running.set(id, lease);
    this.begunBy.set(id, lease);
    return true;
  }

  /** The statement of `ActionQueue.putBack`. */
  putBack(id: number, leases: readonly number[], isInDoubt: boolean): void {
    const isOwn = leases.includes(this.running.get(id) ?? -1);
    if (!isOwn && this.fault !== 'a replica puts back what another has begun') return;
    this.running.delete(id);
    if (!isInDoubt) this.begunBy.delete(id);
    if (this.rows.get(id) === 'RUNNING') this.rows.set(id, isInDoubt ? 'UNKNOWN' : 'QUEUED');
  }

  /** The statement of `ActionQueue.release`. */
  release(hold: number, done: readonly number[]): void {
    if (this.line?.hold !== hold) return;
    this.queued = this.queued.filter((id) => !done.includes(id));
    this.line = undefined;
  }

  /** Gives back a line that its own replica does not know of. */
  leaveUnknownLines(lease: number, knowsIt: boolean): void {
    if (this.line?.lease === lease && !knowsIt) this.line = undefined;
  }

  /** The statement of `ActionQueue.cancel`. */
  cancel(id: number): boolean {
    if (this.rows.get(id) !== 'QUEUED') return false;
    this.rows.set(id, 'CANCELLED');
    if (this.key?.action === id) this.key = undefined;
    this.queued = this.queued.filter((other) => other !== id);
    return true;
  }

  /** The statements of `ReplicaLease.reap`, at a time of the database. */
  reap(now: number, own: number): void {
    for (const [lease, until] of this.leases)
      if (until < now || (this.fault === 'the reaper ignores leases' && lease !== own))
        this.leases.delete(lease);
    for (const [id, lease] of this.running) {
      if (this.leases.has(lease)) continue;
      this.running.delete(id);
      if (this.rows.get(id) !== 'RUNNING') continue;
      this.rows.set(id, 'UNKNOWN');
      if (this.insured.has(id) && !this.queued.includes(id)) this.queued.push(id);
    }
    if (this.line && !this.leases.has(this.line.lease)) this.line = undefined;
  }

  /** The statement that renews a lease. @returns false for one that has ended */
  renew(lease: number, now: number, until: number): boolean {
    if ((this.leases.get(lease) ?? -Infinity) <= now) return false;
    this.leases.set(lease, until);
    return true;
  }

  #claim(id: number): boolean {
    if (this.fault === 'a beginning claims no key') return true;
    if (this.key) return false;
    this.key = { action: id, answer: undefined };
    return true;
  }
}
