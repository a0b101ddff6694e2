import { Inject, Injectable } from '@nestjs/common';
import type { Delivered } from '../queue/callbacks.js';
import { ReplicaLease } from '../cluster/replica-lease.js';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { toJson } from '../database/json-text.js';
import { Vault } from '../database/vault.js';
import { placeOfWebhook } from './contract/sealed-columns.js';

export type JobState = 'queued' | 'running' | 'done';

/** What is asked. */
export interface NewJob {
  readonly id: string;
  readonly callerId: string;
  /** The caller's own name for it. */
  readonly clientId?: string;
  readonly url: string;
  /** Where the answer goes; empty for nowhere. */
  readonly webhookUrl?: string;
}

/** A job that this replica works on. */
export interface ClaimedJob {
  readonly id: string;
  readonly clientId: string | null;
  readonly url: string;
  /** Which life of the job this is: one that was taken up elsewhere is not ours any more. */
  readonly tries: number;
}

/** A job as it stands. Times in seconds. */
export interface JobReport {
  readonly id: string;
  readonly clientId: string | null;
  readonly state: JobState;
  readonly isQueued: boolean;
  readonly pid: number;
  readonly code: number | null;
  readonly answer: unknown;
  readonly queueTime: number;
  readonly runTime: number;
  readonly totalTime: number;
}

/** A webhook whose time has come. */
export interface DueWebhook {
  readonly id: string;
  readonly url: string;
  readonly tries: number;
}

/** How often a job of a dead replica is tried: a job that kills replicas must end. */
const MOST_TRIES = 3;
const TAKEN_FOR_SECONDS = 60;
const KEPT_DAYS = 7;
/** Any constant of ours will do. */
const QUEUE_LOCK = 7_215_034_962;

const CUT_OFF = { error: 'The gateway was cut off while it worked on this job: ask again' };

/** A job may be claimed for this replica by a statement whose answer has not arrived yet. */
const UNKNOWN_AFTER_SECONDS = 20;

/** Jobs of dead replicas, and those of replica $next that are none of its jobs $next + 1. */
const abandoned = (next: number): string => `state = 'running' AND (
  NOT EXISTS (SELECT 1 FROM replicas WHERE replicas.id = replica_id AND lease_until > now())
  OR (replica_id = $${next} AND id <> ALL($${next + 1})
    AND started_at < now() - make_interval(secs => ${UNKNOWN_AFTER_SECONDS})))`;

/**
 * Jobs of media in PostgreSQL, so that any replica answers for them. A job belongs to the replica that works on
 * it. Where that replica is dead, or does not know of the job, another takes it up, or it ends.
 */
@Injectable()
export class MediaJobs {
  /** Ids of the jobs that this replica works on. */
  readonly #working = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly lease: ReplicaLease,
    @Inject(CONFIG) private readonly settings: Pick<Config, 'MAX_QUEUE_LENGTH'>,
  ) {}

  /** Puts a job in the queue. @returns false where the queue is full */
  async enqueue(job: NewJob): Promise<boolean> {
    const { MAX_QUEUE_LENGTH: most } = this.settings;
    if (most === 0) {
      await this.database.change(INSERT, this.#listNew(job, 'queued'));
      return true;
    }
    return this.database.connect(async (client) => {
      await client.query('BEGIN');
      try {
        // Concurrent requests must not all take the last place.
        await client.query('SELECT pg_advisory_xact_lock($1)', [QUEUE_LOCK]);
        const { rows } = await client.query<{ length: number }>(LENGTH);
        const hasPlace = (rows[0]?.length ?? 0) < most;
        if (hasPlace) await client.query(INSERT, this.#listNew(job, 'queued'));
        await client.query('COMMIT');
        return hasPlace;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  /** Stores a job whose caller waits, and which begins at once. */
  async begin(job: NewJob): Promise<ClaimedJob> {
    this.#working.add(job.id);
    try {
      await this.database.change(INSERT, this.#listNew(job, 'running'));
    } catch (error) {
      this.#working.delete(job.id);
      throw error;
    }
    return { id: job.id, clientId: job.clientId ?? null, url: job.url, tries: 1 };
  }

  /** Takes jobs that wait, the longest waiting first. */
  async claim(most: number): Promise<ClaimedJob[]> {
    if (most <= 0 || !this.lease.isHeld()) return [];
    const taken = await this.database.query<ClaimedJob>(
      `UPDATE media_jobs SET state = 'running', replica_id = $1, pid = $2, tries = tries + 1,
         started_at = now()
       WHERE id IN (
         SELECT id FROM media_jobs WHERE state = 'queued' ORDER BY created_at
         LIMIT $3 FOR UPDATE SKIP LOCKED
       )
       RETURNING id, client_id AS "clientId", url, tries`,
      [this.lease.id, process.pid, most],
    );
    for (const { id } of taken) this.#working.add(id);
    return taken;
  }

  /** Says that this replica works on a job no more, whether or not that could be written down. */
  release({ id }: ClaimedJob): void {
    this.#working.delete(id);
  }

  /** Writes down what came of a job. @returns false where it is not ours any more */
  async finish({ id, tries }: ClaimedJob, code: number, answer: unknown): Promise<boolean> {
    const finished = await this.database.change(
      `UPDATE media_jobs SET ${ENDING} WHERE id = $3 AND tries = $4 AND state = 'running'`,
      [code, toJson({ answer }), id, tries],
    );
    return finished > 0;
  }

  /** Puts a job back that was begun and came to nothing. */
  async requeue({ id, tries }: ClaimedJob): Promise<void> {
    await this.database.change(
      `UPDATE media_jobs SET state = 'queued', replica_id = NULL, tries = tries - 1, started_at = NULL
       WHERE id = $1 AND tries = $2 AND state = 'running' AND is_queued`,
      [id, tries],
    );
  }

  /**
   * Frees the jobs of dead replicas, and those of this replica that it does not work on: an answer of the
   * database was lost. They wait again, or have failed where the caller is gone.
   */
  async reap(): Promise<void> {
    const working = [this.lease.id, [...this.#working]];
    await this.database.change(
      `UPDATE media_jobs SET ${ENDING}
       WHERE ${abandoned(3)} AND (NOT is_queued OR tries >= ${MOST_TRIES})`,
      [500, toJson({ answer: CUT_OFF }), ...working],
    );
    await this.database.change(
      `UPDATE media_jobs SET state = 'queued', replica_id = NULL, started_at = NULL WHERE ${abandoned(1)}`,
      working,
    );
    await this.database.change(
      `DELETE FROM media_jobs WHERE finished_at < now() - make_interval(days => ${KEPT_DAYS})
         AND webhook_state <> 'due'`,
    );
  }

  /** @param callerId its caller; left out, any caller */
  async find(id: string, callerId?: string): Promise<JobReport | undefined> {
    const [found] = await this.database.query<JobReport>(
      `SELECT id, client_id AS "clientId", state, is_queued AS "isQueued", pid, code,
         answer->'answer' AS answer,
         CASE WHEN is_queued THEN ${seconds('started_at', 'created_at')} ELSE 0 END AS "queueTime",
         ${seconds('finished_at', 'started_at')} AS "runTime",
         ${seconds('finished_at', 'created_at')} AS "totalTime"
       FROM media_jobs WHERE id = $1 AND caller_id = COALESCE($2, caller_id)`,
      [id, callerId ?? null],
    );
    return found;
  }

  /** States of a caller's jobs that changed within the time, by their ids. */
  async list(callerId: string, sinceSeconds: number): Promise<Record<string, JobState>> {
    const rows = await this.database.query<{ id: string; state: JobState }>(
      `SELECT id, state FROM media_jobs
       WHERE caller_id = $1
         AND COALESCE(finished_at, started_at, created_at) >= now() - make_interval(secs => $2)
       ORDER BY created_at`,
      [callerId, sinceSeconds],
    );
    return Object.fromEntries(rows.map(({ id, state }) => [id, state]));
  }

  /** How many wait. */
  async countQueued(): Promise<number> {
    const [row] = await this.database.query<{ length: number }>(LENGTH);
    return row?.length ?? 0;
  }

  async claimWebhooks(most: number): Promise<DueWebhook[]> {
    const rows = await this.database.query<DueWebhook>(
      `UPDATE media_jobs SET webhook_tries = webhook_tries + 1,
         webhook_next_at = now() + make_interval(secs => ${TAKEN_FOR_SECONDS})
       WHERE id IN (
         SELECT id FROM media_jobs WHERE webhook_state = 'due' AND webhook_next_at <= now()
         ORDER BY webhook_next_at LIMIT $1 FOR UPDATE SKIP LOCKED
       )
       RETURNING id, webhook_url AS url, webhook_tries AS tries`,
      [most],
    );
    return rows.map(({ id, url, tries }) => ({
      id,
      url: this.vault.decrypt(url, placeOfWebhook(id)),
      tries,
    }));
  }

  async settleWebhook({ id, tries }: DueWebhook, result: Delivered): Promise<void> {
    await this.database.change(
      `UPDATE media_jobs SET webhook_state = $3, webhook_error = $4,
         webhook_next_at = now() + $5 * interval '1 millisecond'
       WHERE id = $1 AND webhook_tries = $2 AND webhook_state = 'due'`,
      [
        id,
        tries,
        result.state,
        result.state === 'delivered' ? '' : result.error.slice(0, 500),
        result.state === 'due' ? result.waitMs : null,
      ],
    );
  }

  #listNew(job: NewJob, state: 'queued' | 'running'): unknown[] {
    const { id, callerId, clientId, url, webhookUrl } = job;
    const isRunning = state === 'running';
    return [
      id,
      callerId,
      clientId ?? null,
      url,
      state,
      isRunning ? this.lease.id : null,
      process.pid,
      webhookUrl ? this.vault.encrypt(webhookUrl, placeOfWebhook(id)) : null,
    ];
  }
}

const INSERT = `
  INSERT INTO media_jobs (id, caller_id, client_id, url, state, is_queued, replica_id, pid, tries,
    started_at, webhook_url)
  VALUES ($1, $2, $3, $4, $5, $5 = 'queued', $6, $7, CASE WHEN $5 = 'running' THEN 1 ELSE 0 END,
    CASE WHEN $5 = 'running' THEN now() END, $8)`;

/** What an ending writes: the code is $1, the answer $2. */
const ENDING = `state = 'done', code = $1, answer = $2::jsonb, finished_at = now(), replica_id = NULL,
  webhook_state = CASE WHEN webhook_url IS NULL THEN 'none' ELSE 'due' END, webhook_next_at = now()`;

const LENGTH = `SELECT count(*)::int AS length FROM media_jobs WHERE state = 'queued'`;

/** From one time to another, or until now. */
function seconds(to: string, from: string): string {
  return `round(COALESCE(extract(epoch FROM COALESCE(${to}, now()) - ${from}), 0), 3)::float8`;
}
