import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { NOT_PAUSED } from './queue-statements.js';
import { CALLBACK_STATES, type CallbackState } from './callbacks.js';

/** What is still to be done, of all replicas. */
export interface BacklogFigures {
  readonly waiting: number;
  readonly lateMs: number;
  readonly callbacks: Readonly<Record<CallbackState, number>>;
}

/** Counts what waits, in one statement, for probes and metrics. */
@Injectable()
export class Backlog {
  constructor(private readonly database: Database) {}

  /** Connections of this replica to what it counts in. */
  get connections(): Database['connections'] {
    return this.database.connections;
  }

  /** @throws DatabaseAway */
  async count(): Promise<BacklogFigures> {
    const [row] = await this.database.query<{
      waiting: number;
      late_ms: number;
      callbacks: Partial<Record<CallbackState, number>> | null;
    }>(
      `SELECT COALESCE(sum(pending), 0)::float8 AS waiting,
         COALESCE(max(extract(epoch FROM now() - due_at) * 1000)
           FILTER (WHERE replica_id IS NULL AND due_at <= now() AND ${NOT_PAUSED('queue_lines')}), 0)::float8 AS late_ms,
         (SELECT json_object_agg(state, count) FROM
           (SELECT state, count(*) AS count FROM callbacks GROUP BY state) counted) AS callbacks
       FROM queue_lines WHERE pending > 0 AND (due_at < 'infinity' OR replica_id IS NOT NULL)`,
    );
    const callbacks = CALLBACK_STATES.map((state) => [state, row?.callbacks?.[state] ?? 0]);
    return {
      waiting: row?.waiting ?? 0,
      lateMs: row?.late_ms ?? 0,
      callbacks: Object.fromEntries(callbacks) as Record<CallbackState, number>,
    };
  }
}
