import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Database } from '../database/database.js';
import { DATABASE_TIME, databaseClock } from '../config/database-clock.js';
import { VERSION } from '../config/version.js';
import { ClaimGate } from './claim-gate.js';
import { CUT_OFF, SETTLE } from './settle.js';

/** How long a lease lasts from its latest renewal. */
export const LEASE_SECONDS = 10;
const RENEW_EVERY_MS = 2_000;
/** We stop trusting our lease this long before the database does: clocks drift and answers take time. */
const MARGIN_MS = 2_000;

const REAP = SETTLE(`
  DELETE FROM running_actions
  WHERE NOT EXISTS (SELECT 1 FROM replicas WHERE replicas.id = replica_id) RETURNING id`);

/** Leases of this process, which is alive although its process id may have been used before. */
const livesHere = new Set<string>();

/**
 * Proves to the other replicas that this one is alive, and turns the begun actions of dead replicas into UNKNOWN.
 * Only a replica that holds its lease may send bytes.
 */
@Injectable()
export class ReplicaLease implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(ReplicaLease.name);
  readonly #host = nameHost();
  #id: string = randomUUID();
  /** Every id that this replica has had: a lease that ended is followed by another. */
  readonly ids: string[] = [];
  #heldUntil = 0;
  #restoredOn: string | undefined;
  #toldSkew = false;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly gate: ClaimGate = new ClaimGate(database),
  ) {}

  get id(): string {
    return this.#id;
  }

  /** The database server that has all that this replica remembers; undefined before the first lease. */
  get restoredOn(): string | undefined {
    return this.#restoredOn;
  }

  /** This replica has written again all that it remembers. @throws DatabaseAway */
  async noteRestored(server: string): Promise<void> {
    await this.database.change('UPDATE replicas SET restored_on = $2 WHERE id = ANY($1)', [
      this.ids,
      server,
    ]);
    this.#restoredOn = server;
  }

  /** On the monotonic clock, so that setting the time of day cannot extend a lease. */
  isHeld(): boolean {
    return performance.now() < this.#heldUntil;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#take();
    await this.#buryNeighbours();
    await this.reap();
    this.#timer = setInterval(() => {
      this.#beating ??= this.#beat().finally(() => {
        this.#beating = undefined;
      });
    }, RENEW_EVERY_MS);
  }

  /** A replica that leaves in peace has nothing begun, so its lease ends with it. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    this.#heldUntil = 0;
    await this.database.change('DELETE FROM replicas WHERE id = $1', [this.#id]).catch(() => 0);
  }

  /**
   * Turns begun actions of replicas that hold no lease into UNKNOWN; gives how many. None while the server
   * has just changed: a lease may be missing because its latest renewal was lost.
   */
  async reap(): Promise<number> {
    if (!(await this.gate.look()).isOpen) {
      // A process that is gone will never write again what it remembered.
      await this.#buryNeighbours();
      if (!(await this.gate.look()).isOpen) return 0;
    }
    await this.database.change('DELETE FROM replicas WHERE lease_until < now()');
    const [{ settled = 0 } = {}] = await this.database.query<{ settled: number }>(REAP, [CUT_OFF]);
    // Lines of dead replicas are freed after their actions are settled.
    await this.database.change(
      `UPDATE queue_lines SET replica_id = NULL, hold = NULL, due_at = now()
       WHERE replica_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM replicas WHERE replicas.id = replica_id)`,
    );
    if (settled > 0) this.#logger.warn(`${settled} actions of a dead replica became UNKNOWN`);
    return settled;
  }

  async #beat(): Promise<void> {
    try {
      await this.#renew();
      await this.reap();
    } catch (error) {
      this.#logger.warn(`the lease of this replica was not renewed: ${(error as Error).message}`);
    }
  }

  async #renew(): Promise<void> {
    const askedAt = performance.now();
    const [renewed] = await this.database.query<{ time: number }>(
      `UPDATE replicas SET lease_until = now() + make_interval(secs => $2)
       WHERE id = $1 AND lease_until > now() RETURNING ${DATABASE_TIME} AS time`,
      [this.#id, LEASE_SECONDS],
    );
    if (renewed) {
      this.#heldUntil = askedAt + LEASE_SECONDS * 1_000 - MARGIN_MS;
      this.#readClock(renewed.time, askedAt);
    }
    // A lease that ended may have been reaped, so it is never revived: this replica starts a new life.
    else await this.#take();
  }

  async #take(): Promise<void> {
    const id = randomUUID();
    // The row may be written although the answer is lost; it is this replica's all the same.
    this.ids.push(id);
    const askedAt = performance.now();
    const [taken] = await this.database.query<{ time: number; restored_on: string }>(
      `INSERT INTO replicas (id, host, pid, lease_until, restored_on, version)
       VALUES ($1, $2, $3, now() + make_interval(secs => $4), COALESCE($5, current_server()), $6)
       RETURNING ${DATABASE_TIME} AS time, restored_on`,
      [id, this.#host, process.pid, LEASE_SECONDS, this.#restoredOn ?? null, VERSION],
    );
    if (taken) {
      this.#readClock(taken.time, askedAt);
      // A replica that has just started remembers nothing.
      this.#restoredOn = taken.restored_on;
    }
    livesHere.add(id);
    this.#id = id;
    this.#heldUntil = askedAt + LEASE_SECONDS * 1_000 - MARGIN_MS;
  }

  /** Decisions go by the database's clock; that ours differs is for the operator to mend. */
  #readClock(time: number, askedAt: number): void {
    databaseClock.adjust(time, askedAt);
    if (databaseClock.isNotable === this.#toldSkew) return;
    this.#toldSkew = databaseClock.isNotable;
    const seconds = Math.round(databaseClock.skewMs / 1_000);
    if (this.#toldSkew)
      this.#logger.warn(
        `the clock of this machine is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the database's: times go by the database; set the clock (NTP)`,
      );
    else this.#logger.log("the clock of this machine agrees with the database's again");
  }

  /** After a crash on this host, the lease of a process that is gone need not run out. */
  async #buryNeighbours(): Promise<void> {
    const neighbours = await this.database.query<{ id: string; pid: number }>(
      'SELECT id, pid FROM replicas WHERE host = $1 AND id <> $2',
      [this.#host, this.#id],
    );
    const dead = neighbours.filter(({ id, pid }) =>
      pid === process.pid ? !livesHere.has(id) : !isAlive(pid),
    );
    if (dead.length === 0) return;
    await this.database.change('DELETE FROM replicas WHERE id = ANY($1)', [
      dead.map(({ id }) => id),
    ]);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process id means something only within one boot and one namespace, so both are part of the name. */
function nameHost(): string {
  const boot = readOrNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = readOrNothing(() => readlinkSync('/proc/self/ns/pid'));
  return [hostname(), boot, namespace].join(' ');
}

/** Only Linux has these files; elsewhere the name of the host has to do. */
function readOrNothing(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}
