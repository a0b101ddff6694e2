import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Caller } from '../actions/caller.js';
import { type AuditKind, describeEvent, noteEvent } from '../database/audit-event.js';
import { ChangeFeed } from '../database/change-feed.js';
import { Database } from '../database/database.js';

/** How far a caller reaches; null sets no bound. */
export interface CallerBounds {
  readonly permissions: readonly string[];
  readonly platforms: readonly string[] | null;
  /** Account and actor ids. */
  readonly accounts: readonly string[] | null;
  /** Such as `twitch`, `twitch.chat` or `twitch.chat_message`. */
  readonly actions: readonly string[] | null;
  readonly requests_per_minute: number | null;
}

/** What an admin says of a caller. */
export interface CallerWish extends CallerBounds {
  readonly expires_at: string | null;
}

/** A caller as admins see it: no key of it is in it. */
export interface CallerReport extends CallerWish {
  readonly id: string;
  /** The tenant whose accounts and actions alone it reaches; empty for whoever runs the gateway. */
  readonly owner: string;
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string;
  /** To the minute. */
  readonly last_used_at: string | null;
  /** Until when the key before the last rotation is taken as well. */
  readonly former_key_until: string | null;
}

/** Whose key it is. */
export interface KeyHolder {
  readonly caller: Caller;
  /** When the caller itself ends, in Unix milliseconds. */
  readonly expiresAt?: number;
}

interface CallerRow extends CallerBounds {
  readonly id: string;
  readonly owner: string;
  readonly key_hash: string;
  readonly former_key_hash: string | null;
  readonly former_key_until: Date | null;
  readonly expires_at: Date | null;
  readonly epoch: number;
  readonly created_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly last_used_at: Date | null;
}

const NOTE_USE_EVERY_MS = 60_000;
/** Names of callers with keys; without "_", which parts the key. */
export const CALLER_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;
const KEY_FORM = /^agk_([a-z0-9][a-z0-9-]{0,62})_([A-Za-z0-9_-]{43})$/;

/**
 * Callers with keys and bounds of their own, held in memory: what an admin changes is in force on every
 * replica at once, also for tokens that were given out before.
 */
@Injectable()
export class Callers implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(Callers.name);
  #known: ReadonlyMap<string, CallerRow> = new Map();
  /** Who was here since that was last written down. */
  readonly #used = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly feed: ChangeFeed,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.feed.follow('callers', () => this.#read());
    this.#timer = setInterval(() => void this.noteUses(), NOTE_USE_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.noteUses();
  }

  /** Writes down who was here. Never throws: it is for people to look at. */
  async noteUses(): Promise<void> {
    if (this.#used.size === 0) return;
    const ids = [...this.#used];
    this.#used.clear();
    try {
      await this.database.change('UPDATE callers SET last_used_at = now() WHERE id = ANY($1)', [
        ids,
      ]);
    } catch (error) {
      this.#logger.warn(`who was here is not written down: ${(error as Error).message}`);
    }
  }

  /** Whose key this is; undefined for a wrong one, and for one whose time is over. */
  exchange(apiKey: string): KeyHolder | undefined {
    const [, id = '', secret = ''] = KEY_FORM.exec(apiKey) ?? [];
    const row = this.#findLive(id);
    // A hash is made for every key, so that the time tells nothing of which names there are.
    const given = hashSecret(secret);
    const isOwn = isSame(given, row?.key_hash ?? '');
    const isFormer = isSame(given, row?.former_key_hash ?? '');
    const formerUntil = row?.former_key_until?.getTime() ?? 0;
    if (!row || !(isOwn || (isFormer && Date.now() < formerUntil))) return undefined;
    this.#used.add(id);
    return {
      caller: showCaller(row),
      ...(row.expires_at && { expiresAt: row.expires_at.getTime() }),
    };
  }

  /**
   * A caller as its token or its waiting action has it, within what an admin lets it do now.
   * @param expand turns names of groups into those of their actions
   * @returns undefined for one that was revoked since
   */
  renew(
    caller: Caller,
    expand: (names: ReadonlySet<string>) => ReadonlySet<string>,
  ): Caller | undefined {
    if (caller.epoch === undefined) return caller;
    const row = this.#findLive(caller.id);
    if (row?.epoch !== caller.epoch) return undefined;
    this.#used.add(caller.id);
    const now = showCaller(row);
    return {
      ...now,
      permissions: intersect(now.permissions, caller.permissions) ?? now.permissions,
      platforms: intersect(now.platforms, caller.platforms),
      accounts: intersect(now.accounts, caller.accounts),
      actions: intersect(now.actions && expand(now.actions), caller.actions),
    };
  }

  async list(): Promise<CallerReport[]> {
    const rows = await this.database.query<CallerRow>(
      'SELECT * FROM callers WHERE removed_at IS NULL ORDER BY id',
    );
    return rows.map(reportCaller);
  }

  async find(id: string): Promise<CallerReport | undefined> {
    const [row] = await this.database.query<CallerRow>(
      'SELECT * FROM callers WHERE id = $1 AND removed_at IS NULL',
      [id],
    );
    return row && reportCaller(row);
  }

  /**
   * @param owner the tenant it belongs to for good; empty for none
   * @returns the key, which nobody can be told again; undefined where the name is taken
   */
  async create(
    id: string,
    wish: CallerWish,
    owner: string,
    by: string,
  ): Promise<string | undefined> {
    const { key, hash } = makeKey(id);
    // Its tokens of an earlier life stay worthless, and what it did then stays with whom it was.
    const created = await this.#change(
      `INSERT INTO callers AS known (id, key_hash, created_by, permissions, platforms, accounts, actions,
         requests_per_minute, expires_at, owner)
       VALUES ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       ON CONFLICT (id) DO UPDATE SET key_hash = excluded.key_hash, created_by = excluded.created_by,
         permissions = excluded.permissions, platforms = excluded.platforms,
         accounts = excluded.accounts, actions = excluded.actions,
         requests_per_minute = excluded.requests_per_minute, expires_at = excluded.expires_at,
         former_key_hash = NULL, former_key_until = NULL, epoch = known.epoch + 1, removed_at = NULL,
         created_at = now(), updated_at = now(), last_used_at = NULL
       WHERE known.removed_at IS NOT NULL AND known.owner = excluded.owner
       RETURNING id, owner`,
      { kind: 'caller.created', id, by, details: { ...wish, owner } },
      [id, hash, by, ...listWish(wish), owner],
    );
    return created ? key : undefined;
  }

  /** @returns false where there is no caller of this name */
  change(id: string, wish: CallerWish, by: string): Promise<boolean> {
    return this.#change(
      `UPDATE callers SET permissions = $3, platforms = $4, accounts = $5, actions = $6,
         requests_per_minute = $7, expires_at = $8, updated_at = now()
       WHERE id = $2 AND removed_at IS NULL RETURNING id, owner`,
      { kind: 'caller.changed', id, by, details: { ...wish } },
      [id, ...listWish(wish)],
    );
  }

  /**
   * Gives a caller another key; the one before is taken for the grace as well. Without any, whoever has
   * the key may be anybody, and the tokens that were made with it are worthless too.
   * @returns the new key; undefined where there is no caller of this name
   */
  async rotate(id: string, graceSeconds: number, by: string): Promise<string | undefined> {
    const { key, hash } = makeKey(id);
    const rotated = await this.#change(
      `UPDATE callers SET former_key_hash = CASE WHEN $4 > 0 THEN key_hash END,
         former_key_until = CASE WHEN $4 > 0 THEN now() + make_interval(secs => $4) END,
         key_hash = $3, epoch = epoch + CASE WHEN $4 > 0 THEN 0 ELSE 1 END, updated_at = now()
       WHERE id = $2 AND removed_at IS NULL RETURNING id, owner`,
      { kind: 'caller.rotated', id, by, details: { grace_seconds: graceSeconds } },
      [id, hash, graceSeconds],
    );
    return rotated ? key : undefined;
  }

  /** Revokes a caller, its keys and its tokens. @returns false where there is none of this name */
  remove(id: string, by: string): Promise<boolean> {
    return this.#change(
      `UPDATE callers SET removed_at = now(), epoch = epoch + 1
       WHERE id = $2 AND removed_at IS NULL RETURNING id, owner`,
      { kind: 'caller.removed', id, by, details: {} },
      [id],
    );
  }

  /** Changes and writes it down, in one statement; the event is $1. */
  async #change(
    statement: string,
    {
      kind,
      id,
      by,
      details,
    }: { kind: AuditKind; id: string; by: string; details: Record<string, unknown> },
    values: readonly unknown[],
  ): Promise<boolean> {
    const event = describeEvent({
      kind,
      callerId: by,
      subject: nameSubject(id),
      details: JSON.parse(JSON.stringify(details)) as Record<string, never>,
    });
    const changed = await this.database.change(
      `WITH changed AS (${statement}) ${noteEvent('changed', "(SELECT jsonb_set($1::jsonb, '{owner}', to_jsonb(changed.owner))::json)")}`,
      [event, ...values],
    );
    await this.feed.refresh('callers');
    return changed > 0;
  }

  #findLive(id: string): CallerRow | undefined {
    const row = this.#known.get(id);
    return row && (row.expires_at?.getTime() ?? Infinity) > Date.now() ? row : undefined;
  }

  async #read(): Promise<void> {
    const rows = await this.database.query<CallerRow>(
      'SELECT * FROM callers WHERE removed_at IS NULL',
    );
    this.#known = new Map(rows.map((row) => [row.id, row]));
  }
}

/** What a history of callers is asked by; flags have theirs. */
export function nameSubject(id: string): string {
  return `caller/${id}`;
}

function makeKey(id: string): { key: string; hash: string } {
  const secret = randomBytes(32).toString('base64url');
  return { key: `agk_${id}_${secret}`, hash: hashSecret(secret) };
}

function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

function isSame(given: string, known: string): boolean {
  return given.length === known.length && timingSafeEqual(Buffer.from(given), Buffer.from(known));
}

function listWish(wish: CallerWish): unknown[] {
  const { permissions, platforms, accounts, actions, requests_per_minute, expires_at } = wish;
  return [permissions, platforms, accounts, actions, requests_per_minute, expires_at];
}

/** Two bounds at once; undefined sets none. */
function intersect(
  one: ReadonlySet<string> | undefined,
  other: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  if (!one || !other) return one ?? other;
  return new Set([...one].filter((name) => other.has(name)));
}

function showCaller(row: CallerRow): Caller {
  const { id, owner, epoch, permissions, platforms, accounts, actions, requests_per_minute } = row;
  return {
    id,
    epoch,
    permissions: new Set(permissions),
    ...(platforms && { platforms: new Set(platforms) }),
    ...(accounts && { accounts: new Set(accounts) }),
    ...(actions && { actions: new Set(actions) }),
    ...(owner !== '' && { owner }),
    ...(requests_per_minute !== null && { requestsPerMinute: requests_per_minute }),
  };
}

function reportCaller(row: CallerRow): CallerReport {
  return {
    id: row.id,
    owner: row.owner,
    permissions: row.permissions,
    platforms: row.platforms,
    accounts: row.accounts,
    actions: row.actions,
    requests_per_minute: row.requests_per_minute,
    expires_at: row.expires_at?.toISOString() ?? null,
    created_by: row.created_by,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
    former_key_until: row.former_key_until?.toISOString() ?? null,
  };
}
