import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import type { JsonObject } from '../actions/json.js';
import {
  type AuditEvent,
  type AuditKind,
  describeEvent,
  INSERT_EVENT,
} from '../database/audit-event.js';
import { type CallerNames, Callers, nameSubject } from '../callers/callers.js';
import { listIdsNamed } from '../callers/identity.js';
import { Database } from '../database/database.js';

export { AUDIT_KINDS } from '../database/audit-event.js';

/** One line of a history. */
export interface HistoryEntry {
  readonly id: string;
  readonly happened_at: string;
  readonly kind: AuditKind;
  /** The name that people know the caller by; empty for the gateway itself. */
  readonly caller_id: string;
  /** No other caller ever has it; empty for the gateway itself. */
  readonly caller_identity: string;
  readonly reason: string;
  readonly details: JsonObject;
}

/** An event, with what it is about. */
export interface AuditNote extends HistoryEntry {
  readonly platform: string;
  readonly account_id: string;
  /** What it is about where that is no account, such as the key of a flag. */
  readonly subject: string;
  readonly owner: string;
}

/** Which events are looked for; what is left out is of no matter. */
export interface EventFilter {
  readonly from?: Date;
  readonly to?: Date;
  readonly kind?: string;
  readonly caller_id?: string;
  readonly platform?: string;
  readonly account_id?: string;
  readonly subject?: string;
}

/** A part of a history, and where the next one begins. */
export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Null at the end. */
  readonly next_cursor: string | null;
}

/** Whose history, and which part of it. */
export type HistoryRequest = HistoryPart &
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

interface EventRow extends Omit<HistoryEntry, 'happened_at' | 'caller_identity'> {
  readonly happened_at: Date;
}

/** Events by which an account gets its credential. */
const CONNECTING: readonly AuditKind[] = [
  'account.connected',
  'account.stored',
  'account.imported',
];

const CALLER_SUBJECT = /^caller\/(.+)$/;

/** What happened to accounts, and what admins did, as it was written down when it happened. */
@Injectable()
export class AuditEvents {
  constructor(
    private readonly database: Database,
    @Inject(Callers) private readonly callers: CallerNames,
  ) {}

  /**
   * The events of an account or of a subject, the newest first; also of one that is gone.
   * @returns undefined when `before` is no cursor of this history
   * @throws DatabaseAway
   */
  async list(wish: HistoryRequest): Promise<HistoryPage | undefined> {
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
    const entries = rows.slice(0, limit).map((row) => this.#show(row));
    return { entries, next_cursor: rows.length > limit ? (entries.at(-1)?.id ?? null) : null };
  }

  /**
   * Names of the callers that connected accounts last, by platform and id (`twitch/1001`).
   * @throws DatabaseAway
   */
  async findConnectors(
    accounts: readonly { readonly platform: string; readonly account_id: string }[],
  ): Promise<ReadonlyMap<string, string>> {
    const asked = accounts.map(({ platform, account_id }) => ({ platform, account_id }));
    const rows = await this.database.query<{ name: string; caller_id: string }>(
      `SELECT w.platform || '/' || w.account_id AS name, last.caller_id
       FROM json_to_recordset($1) AS w (platform text, account_id text)
       JOIN LATERAL (
         SELECT caller_id FROM audit_events e
         WHERE e.platform = w.platform AND e.account_id = w.account_id AND kind = ANY($2)
         ORDER BY happened_at DESC, id DESC LIMIT 1
       ) last ON true`,
      [JSON.stringify(asked), CONNECTING],
    );
    return new Map(rows.map(({ name, caller_id }) => [name, this.callers.nameOf(caller_id)]));
  }

  /** Writes down a fact that no table of ours holds, before a caller is told of it. @throws DatabaseAway */
  async note(event: AuditEvent): Promise<void> {
    await this.database.change(INSERT_EVENT, [describeEvent(event)]);
  }

  /**
   * Events of all kinds, the newest first, as far as a caller may see them: who is narrowed to platforms
   * or accounts sees what is about these alone.
   */
  async find(
    { platforms, accounts, owner }: Caller,
    { from, to, kind, caller_id, platform, account_id, subject }: EventFilter,
    { before, limit }: { readonly before?: string; readonly limit: number },
  ): Promise<AuditNote[]> {
    const rows = await this.database.search<EventRow & AuditNote>(
      `SELECT id, happened_at, kind, caller_id, reason, details, platform, account_id, subject, owner
       FROM audit_events
       WHERE ($1::text[] IS NULL OR platform = ANY($1)) AND ($2::text[] IS NULL OR account_id = ANY($2))
         AND ($3::text IS NULL OR owner = $3)
         AND ($4::timestamptz IS NULL OR happened_at >= $4)
         AND ($5::timestamptz IS NULL OR happened_at <= $5)
         AND ($6::text IS NULL OR kind = $6)
         AND ($7::text[] IS NULL OR caller_id = ANY($7) OR (starts_with(caller_id, 'tenant:')
           AND regexp_replace(caller_id, '^tenant:[^:]*:(service:)?', '') = $13))
         AND ($8::text IS NULL OR platform = $8) AND ($9::text IS NULL OR account_id = $9)
         AND ($10::text[] IS NULL OR subject = ANY($10))
         AND ($11::uuid IS NULL OR
           (happened_at, id) < (SELECT last.happened_at, last.id FROM audit_events last WHERE last.id = $11))
       ORDER BY happened_at DESC, id DESC LIMIT $12`,
      [
        platforms ? [...platforms] : null,
        accounts ? [...accounts] : null,
        owner ?? null,
        from ?? null,
        to ?? null,
        kind ?? null,
        caller_id === undefined
          ? null
          : [...listIdsNamed(caller_id), ...this.callers.listIdsNamed(caller_id)],
        platform ?? null,
        account_id ?? null,
        subject === undefined ? null : this.#listSubjects(subject),
        before ?? null,
        limit,
        caller_id ?? '',
      ],
    );
    return rows.map(({ platform: of, account_id: whose, subject: what, owner: by, ...event }) =>
      Object.assign(this.#show(event), {
        platform: of,
        account_id: whose,
        subject: this.#showSubject(what),
        owner: by,
      }),
    );
  }

  /** Callers are recorded by their identities, and people ask for them by their names. */
  #listSubjects(subject: string): string[] {
    const [, name] = CALLER_SUBJECT.exec(subject) ?? [];
    const ids = name === undefined ? [] : this.callers.listIdsNamed(name);
    return [subject, ...ids.map(nameSubject)];
  }

  #showSubject(subject: string): string {
    const [, identity] = CALLER_SUBJECT.exec(subject) ?? [];
    return identity === undefined ? subject : nameSubject(this.callers.nameOf(identity));
  }

  #show({ id, happened_at, kind, caller_id, reason, details }: EventRow): HistoryEntry {
    return {
      id,
      happened_at: happened_at.toISOString(),
      kind,
      caller_id: this.callers.nameOf(caller_id),
      caller_identity: caller_id,
      reason,
      details,
    };
  }
}
