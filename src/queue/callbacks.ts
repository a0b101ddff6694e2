import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { describeEvent, noteEvent } from '../database/audit-event.js';
import { Database } from '../database/database.js';
import type { SealedColumn } from '../database/key-rotation.js';
import { Vault } from '../database/vault.js';

export const CALLBACK_STATES = ['waiting', 'due', 'delivered', 'dead'] as const;
export type CallbackState = (typeof CALLBACK_STATES)[number];

/** A callback whose time has come. */
export interface DueCallback {
  readonly actionId: string;
  readonly url: string;
  /** How often it was tried, this time included. */
  readonly tries: number;
}

/** What became of one try. */
export type Delivered =
  | { readonly state: 'delivered' }
  | { readonly state: 'dead'; readonly error: string }
  | { readonly state: 'due'; readonly error: string; readonly waitMs: number };

/** A callback as people see it: without its address, which may hold a secret. */
export interface CallbackReport {
  readonly action_id: string;
  readonly state: CallbackState;
  readonly tries: number;
  readonly host: string;
  readonly next_at: Date | null;
  readonly last_error: string;
  readonly created_at: Date;
  readonly settled_at: Date | null;
}

/** How long a replica may take for a callback; after that another one tries. */
const TAKEN_FOR_SECONDS = 60;

/**
 * Callbacks to be delivered. They become due in the statement that records the outcome, and are
 * delivered at least once: receivers recognise repeats by their id.
 */
@Injectable()
export class Callbacks {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /** An address as it is kept. */
  seal(actionId: string, url: string): string {
    return this.vault.encrypt(url, placeOfUrl(actionId));
  }

  /** Takes callbacks that are due, the longest due first. */
  async take(most: number): Promise<DueCallback[]> {
    const rows = await this.database.query<{ action_id: string; url: string; tries: number }>(
      `UPDATE callbacks SET tries = tries + 1,
         next_at = now() + make_interval(secs => ${TAKEN_FOR_SECONDS})
       WHERE action_id IN (
         SELECT action_id FROM callbacks WHERE state = 'due' AND next_at <= now()
         ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED
       )
       RETURNING action_id, url, tries`,
      [most],
    );
    return rows.map(({ action_id, url, tries }) => ({
      actionId: action_id,
      url: this.vault.decrypt(url, placeOfUrl(action_id)),
      tries,
    }));
  }

  /** Notes what came of a try; one that was overtaken by a newer outcome stays due. */
  async settle({ actionId, tries }: DueCallback, result: Delivered): Promise<void> {
    const isDue = result.state === 'due';
    await this.database.change(
      `UPDATE callbacks SET state = $3, last_error = $4,
         next_at = now() + $5 * interval '1 millisecond',
         settled_at = CASE WHEN $3 = 'due' THEN NULL ELSE now() END
       WHERE action_id = $1 AND tries = $2 AND state = 'due'`,
      [
        actionId,
        tries,
        result.state,
        result.state === 'delivered' ? '' : result.error.slice(0, 500),
        isDue ? result.waitMs : null,
      ],
    );
  }

  /** Callbacks of the actions that a caller may read, in the order of their actions. */
  async list(
    caller: Caller,
    { state, after, limit }: { state?: CallbackState; after?: string; limit: number },
  ): Promise<CallbackReport[]> {
    const { condition, values, next } = caller.toSql('a', 'read');
    const rows = await this.database.query<CallbackReport & { url: string }>(
      `SELECT c.action_id, c.url, c.state, c.tries, c.next_at, c.last_error, c.created_at, c.settled_at
       FROM callbacks c JOIN actions a ON a.id = c.action_id::uuid
       WHERE ${condition}
         AND c.state = COALESCE($${next}, c.state) AND c.action_id > COALESCE($${next + 1}, '')
       ORDER BY c.action_id LIMIT $${next + 2}`,
      [...values, state ?? null, after ?? null, limit],
    );
    return rows.map(({ url, ...plain }) => {
      const { host } = new URL(this.vault.decrypt(url, placeOfUrl(plain.action_id)));
      return Object.assign(plain, { host });
    });
  }

  /** Makes a callback due again, from the first try. @returns false where none is within reach */
  async replay(actionId: string, caller: Caller): Promise<boolean> {
    const { condition, values, next } = caller.toSql('a', 'control');
    const replayed = await this.database.change(
      `WITH changed AS (
         UPDATE callbacks c SET state = 'due', tries = 0, next_at = now(), settled_at = NULL
         FROM actions a
         WHERE c.action_id = $${next}::text AND a.id = $${next}::uuid AND c.state <> 'waiting'
           AND ${condition}
         RETURNING c.action_id
       ) ${noteEvent('changed', `$${next + 1}`)}`,
      [
        ...values,
        actionId,
        describeEvent({
          kind: 'callback.replayed',
          callerId: caller.identity,
          owner: caller.owner,
          subject: `action/${actionId}`,
        }),
      ],
    );
    return replayed > 0;
  }
}

function placeOfUrl(actionId: string): string {
  return `callbacks/${actionId}/url`;
}

/** What this room keeps encrypted, for the rotation of keys. */
export const SEALED_CALLBACKS: SealedColumn = {
  table: 'callbacks',
  column: 'url',
  key: ['action_id'],
  locate: ({ action_id = '' }) => placeOfUrl(action_id),
};
