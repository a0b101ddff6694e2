import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../actions/json.js';
import type { AuditKind } from '../database/audit-event.js';
import { Database } from '../database/database.js';

export { AUDIT_KINDS } from '../database/audit-event.js';

/** One line of a history. */
export interface HistoryEntry {
  readonly id: string;
  readonly happened_at: string;
  readonly kind: AuditKind;
  /** Empty for the gateway itself. */
  readonly caller_id: string;
  readonly reason: string;
  readonly details: JsonObject;
}

/** A part of a history, and where the next one begins. */
export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Null at the end. */
  readonly next_cursor: string | null;
}

/** Whose history, and which part of it. */
export type HistoryWish = HistoryPart &
  (
    | { readonly platform: string; readonly accountId: string }
    /** Of what is no account, such as a flag. */
    | { readonly subject: string }
  );

interface HistoryPart {
  /** Of this tenant alone, when given. */
  readonly owner?: string;
  /** How many entries at most. */
  readonly limit: number;
  /** A cursor that an earlier part ended with; undefined for the newest part. */
  readonly before: string | undefined;
}

interface EventRow extends Omit<HistoryEntry, 'happened_at'> {
  readonly happened_at: Date;
}

/** What happened to accounts, and what admins did, as it was written down when it happened. */
@Injectable()
export class AuditEvents {
  constructor(private readonly database: Database) {}

  /**
   * The events of an account or of a subject, the newest first; also of one that is gone.
   * @returns undefined when `before` is no cursor of this history
   * @throws DatabaseAway
   */
  async list(wish: HistoryWish): Promise<HistoryPage | undefined> {
    const { limit, before, owner = null } = wish;
    const [whose, about] =
      'subject' in wish
        ? ["subject = $1 AND subject <> '' AND $2 = ''", [wish.subject, '']]
        : ['platform = $1 AND account_id = $2', [wish.platform, wish.accountId]];
    if (before !== undefined) {
      const known = await this.database.query(
        `SELECT 1 FROM audit_events WHERE ${whose} AND id = $3 AND ($4::text IS NULL OR owner = $4)`,
        [...about, before, owner],
      );
      if (known.length === 0) return undefined;
    }
    // By the one clock of the database: ids are made by replicas, whose clocks differ.
    const rows = await this.database.query<EventRow>(
      `SELECT id, happened_at, kind, caller_id, reason, details FROM audit_events
       WHERE ${whose} AND ($3::uuid IS NULL OR
         (happened_at, id) < (SELECT last.happened_at, last.id FROM audit_events last WHERE last.id = $3))
         AND ($5::text IS NULL OR owner = $5)
       ORDER BY happened_at DESC, id DESC LIMIT $4`,
      [...about, before ?? null, limit + 1, owner],
    );
    const entries = rows.slice(0, limit).map(showEvent);
    return { entries, next_cursor: rows.length > limit ? (entries.at(-1)?.id ?? null) : null };
  }
}

function showEvent({ id, happened_at, kind, caller_id, reason, details }: EventRow): HistoryEntry {
  return { id, happened_at: happened_at.toISOString(), kind, caller_id, reason, details };
}
