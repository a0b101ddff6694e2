import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { v7 as makeId } from 'uuid';
import type { Outcome } from '../../src/actions/outcome.js';
import type { ActionEntry, ActionEnding } from '../../src/journal/action-entry.js';
import type { ReplicaLease } from '../../src/cluster/replica-lease.js';
import { Database } from '../../src/database/database.js';
import { DatabaseAway } from '../../src/database/database-fault.js';
import { openDatabase } from '../../src/database/open-database.js';
import { createDatabase } from './database.js';

// What these tests do on purpose is no news.
Logger.overrideLogger(false);

/** One fresh database, migrated, with a pool for each replica that a test plays. */
export interface SharedDatabase {
  readonly url: string;
  /** Opens the pool of one more replica. */
  join(options?: { readonly poolMax?: number }): Promise<Database>;
  close(): Promise<void>;
}

export async function createSharedDatabase(): Promise<SharedDatabase> {
  const { url, drop } = await createDatabase();
  const opened: Database[] = [];
  return {
    url,
    async join({ poolMax = 5 } = {}) {
      const options = { url, poolMax, sandbox: true, log: () => undefined };
      const database = new Database(await openDatabase(options));
      opened.push(database);
      return database;
    },
    async close() {
      const open = opened.splice(0).filter(({ dataSource }) => dataSource.isInitialized);
      await Promise.all(open.map(({ dataSource }) => dataSource.destroy()));
      await drop();
    },
  };
}

/** A lease that is held, and that no replica renews. */
export function makeLease(): ReplicaLease {
  const id = randomUUID();
  return { id, ids: [id], isHeld: () => true } as unknown as ReplicaLease;
}

/** The next query of a replica is committed, and its answer is lost on the way. */
export function loseNextAnswer(database: Database): void {
  const query = database.query.bind(database);
  database.query = async (text, values) => {
    database.query = query;
    await query(text, values);
    throw new DatabaseAway({ code: 'ECONNRESET' });
  };
}

/** The entry of an action as the recipe would describe it. */
export function describeEntry(more: Partial<ActionEntry> = {}): ActionEntry {
  return {
    id: makeId(),
    platform: 'twitch',
    action_type: 'chat_message',
    account_id: '1001',
    actor_id: '1002',
    effect: 'create',
    parameters: { message: '[redacted, 2 characters]' },
    caller_id: 'router',
    owner: '',
    door: 'grpc',
    request_id: 'request 1',
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    idempotency_key: null,
    priority: 'NORMAL',
    sandbox: true,
    received_at: new Date().toISOString(),
    run_at: null,
    batch_id: null,
    ...more,
  };
}

/** How an action ended, as the recipe would say it. */
export function describeEnding(
  entry: ActionEntry,
  outcome: Partial<Outcome> = {},
  more: Partial<ActionEnding> = {},
): ActionEnding {
  return {
    outcome: {
      success: true,
      message: 'Action chat_message executed successfully',
      action_id: entry.id,
      result_data: { message_id: 'm1' },
      error: '',
      status: 'SUCCEEDED',
      replayed: false,
      request_id: entry.request_id,
      sandbox: true,
      ...outcome,
    },
    redactedResult: { message_id: 'm1' },
    attempts: 1,
    ...more,
  };
}
