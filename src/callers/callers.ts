import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Policy } from '../actions/caller.js';
import { type AuditKind, describeEvent, noteEvent } from '../database/audit-event.js';
import { ChangeFeed } from '../cluster/change-feed.js';
import { Database } from '../database/database.js';
import { type Bounds, Caller } from './caller.js';
import { identifyInTenant, isKeyCallerId, makeKeyCallerId, readLabel } from './identity.js';
import { databaseClock } from '../config/database-clock.js';

/** How far a caller reaches, as it is written in JSON and in its row; null sets no bound. */
interface CallerBounds {
  readonly permissions: readonly string[];
  readonly platforms: readonly string[] | null;
  /** Account and actor ids. */
  readonly accounts: readonly string[] | null;
  /** Such as `twitch`, `twitch.chat` or `twitch.chat_message`. */
  readonly actions: readonly string[] | null;
  readonly requests_per_minute: number | null;
  readonly policy: Policy | null;
}

/** What an admin sets for a caller. */
export interface CallerRequest extends CallerBounds {
  readonly expires_at: string | null;
}

/** A caller as admins see it: no key of it is in it. */
export interface CallerReport extends CallerRequest {
  /** Its name, unique in its tenant; a later caller may have it again. */
  readonly id: string;
  /** Its id for good: no other caller ever has it. */
  readonly identity: string;
  /** The tenant whose accounts and actions alone it reaches; empty for none. */
  readonly owner: string;
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string;
  /** To the minute. */
  readonly last_used_at: string | null;
  /** Until when the key before the last rotation is taken as well. */
  readonly former_key_until: string | null;
}

/** The names of identities. */
export type CallerNames = Pick<Callers, 'nameOf' | 'identityOf' | 'listIdsNamed'>;

/** Turns names of platforms, groups and actions into those of actions. */
export type ExpandActions = (names: ReadonlySet<string>) => ReadonlySet<string>;

interface CallerRow extends CallerBounds {
  readonly id: string;
  /** Null for one made by a release before 0.2, whose id is its name. */
  readonly name: string | null;
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
/** Names of callers with keys. */
export const CALLER_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** A creation date comes from the database, the date of an action from a replica. */
const CLOCK_SLACK_MS = 60_000;
/** In front of the secret is the id of the caller's row. */
const KEY_FORM = /^agk_([a-z0-9][a-z0-9-]{0,62})_([A-Za-z0-9_-]{43})$/;

/**
 * Callers with keys and bounds of their own, held in memory: what an admin changes is in force on every
 * replica at once, also for tokens that were given out before.
 */
@Injectable()
export class Callers implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(Callers.name);
  #known: ReadonlyMap<string, CallerRow> = new Map();
  /** Names of all that there ever were, by their ids. */
  #names: ReadonlyMap<string, string> = new Map();
  /** Owners of callers whose id is their name, by that. */
  #holders: ReadonlyMap<string, string> = new Map();
  #reserved: ReadonlySet<string> = new Set();
  /** Callers that were used since the uses were last written. */
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

  /** Writes when callers were last used. Never throws: it is for information only. */
  async noteUses(): Promise<void> {
    if (this.#used.size === 0) return;
    const ids = [...this.#used];
    this.#used.clear();
    try {
      await this.database.change('UPDATE callers SET last_used_at = now() WHERE id = ANY($1)', [
        ids,
      ]);
    } catch (error) {
      this.#logger.warn(`the last uses of callers were not written: ${(error as Error).message}`);
    }
  }

  /** The caller of a key; undefined for a wrong one, and for one whose time is over. */
  exchange(apiKey: string): Caller | undefined {
    const [, id = '', secret = ''] = KEY_FORM.exec(apiKey) ?? [];
    const row = this.#findLive(id);
    // Every key is hashed, so that the time does not reveal which callers exist.
    const given = hashSecret(secret);
    const isOwn = isSame(given, row?.key_hash ?? '');
    const isFormer = isSame(given, row?.former_key_hash ?? '');
    const formerUntil = row?.former_key_until?.getTime() ?? 0;
    if (!row || !(isOwn || (isFormer && databaseClock.now() < formerUntil))) return undefined;
    this.#used.add(id);
    return makeCaller(row);
  }

  /**
   * A caller as its token, its waiting action or its consent has it, within its bounds of now.
   * @returns undefined for one that was revoked since, or whose time is over
   */
  renew(caller: Caller, expand: ExpandActions): Caller | undefined {
    if (caller.epoch === undefined) return caller;
    const row = this.#findLive(caller.id);
    if (row?.epoch !== caller.epoch) return undefined;
    this.#used.add(caller.id);
    const now = makeCaller(row);
    return (now.actions ? now.withActions(expand(now.actions)) : now).narrow(caller);
  }

  /** Whether the caller of a row still takes a key. @param hash of `findKeyHash` */
  takesKey(id: string, hash: string): boolean {
    const row = this.#findLive(id);
    if (!row) return false;
    const formerUntil = row.former_key_until?.getTime() ?? 0;
    return (
      isSame(hash, row.key_hash) ||
      (isSame(hash, row.former_key_hash ?? '') && databaseClock.now() < formerUntil)
    );
  }

  /** The caller with a row of this id; undefined for one that is gone or whose time is over. */
  findById(id: string): Caller | undefined {
    const row = this.#findLive(id);
    return row && makeCaller(row);
  }

  /**
   * Whether a bare name is the id of another caller than the service of that name: of one with a key,
   * living or not, that is older than ids were, or of an old trusted caller.
   */
  holdsName(name: string, owner: string): boolean {
    return this.#holders.get(name) === owner || (owner === '' && this.#reserved.has(name));
  }

  /** Names that are ids of old trusted callers. */
  reserve(names: ReadonlySet<string>): void {
    this.#reserved = names;
  }

  /** The name that people know an identity by. */
  nameOf(identity: string): string {
    return this.#names.get(identity) ?? readLabel(identity);
  }

  /** The identity of the caller of a row, by the id and the tenant (empty for none) that it holds. */
  identityOf(id: string, owner: string): string {
    const isWhole = owner === '' || isKeyCallerId(id) || this.#holders.get(id) === owner;
    return isWhole ? id : identifyInTenant(id, owner);
  }

  /** The ids of all callers with keys that ever had a name. */
  listIdsNamed(name: string): string[] {
    return [...this.#names].flatMap(([id, known]) => (known === name ? [id] : []));
  }

  async list(): Promise<CallerReport[]> {
    const rows = await this.database.query<CallerRow>(
      'SELECT * FROM callers WHERE removed_at IS NULL ORDER BY COALESCE(name, id), id',
    );
    return rows.map((row) => this.#report(row));
  }

  /** Those that are called so, or whose identity it is; in several tenants there may be several. */
  async find(nameOrIdentity: string): Promise<CallerReport[]> {
    const rows = await this.database.query<CallerRow>(
      `SELECT * FROM callers WHERE (id = $1 OR name = $1) AND removed_at IS NULL ORDER BY id`,
      [nameOrIdentity],
    );
    return rows.map((row) => this.#report(row));
  }

  /**
   * @param owner the tenant it belongs to for good; empty for none
   * @param by the identity of the admin
   * @returns the key, which is not shown again, and the identity; undefined where the name is taken
   */
  async create(
    name: string,
    asked: CallerRequest,
    owner: string,
    by: string,
  ): Promise<{ readonly key: string; readonly identity: string } | undefined> {
    const id = makeKeyCallerId();
    const { key, hash } = makeKey(id);
    const created = await this.#change(
      `INSERT INTO callers (id, name, key_hash, created_by, permissions, platforms, accounts, actions,
         requests_per_minute, expires_at, policy, owner)
       VALUES ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
       ON CONFLICT (owner, (COALESCE(name, id))) WHERE removed_at IS NULL DO NOTHING
       RETURNING id, owner`,
      { kind: 'caller.created', id, by, details: { name, ...asked, owner } },
      [id, name, hash, by, ...listBounds(asked), owner],
    );
    return created ? { key, identity: id } : undefined;
  }

  /**
   * @param id its identity
   * @param seenAt when it was changed last, as the report said: changes nothing where that is over
   * @returns false where there is none
   */
  change(id: string, asked: CallerRequest, by: string, seenAt?: string): Promise<boolean> {
    return this.#change(
      `UPDATE callers SET permissions = $3, platforms = $4, accounts = $5, actions = $6,
         requests_per_minute = $7, expires_at = $8, policy = $9, updated_at = now()
       WHERE id = $2 AND removed_at IS NULL
         AND ($10::timestamptz IS NULL OR date_trunc('milliseconds', updated_at) = $10)
       RETURNING id, owner`,
      { kind: 'caller.changed', id, by, details: { ...asked } },
      [id, ...listBounds(asked), seenAt ?? null],
    );
  }

  /**
   * Gives a caller another key; the one before is taken for the grace as well. Without a grace the key
   * may be in wrong hands, so the tokens that were made with it end too.
   * @param id its identity
   * @returns the new key; undefined where there is no such caller
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

  /** Revokes a caller, its keys and its tokens. @param id its identity. @returns false where there is none */
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
    return row && (row.expires_at?.getTime() ?? Infinity) > databaseClock.now() ? row : undefined;
  }

  async #read(): Promise<void> {
    const rows = await this.database.query<CallerRow & { readonly removed_at: Date | null }>(
      'SELECT * FROM callers',
    );
    this.#names = new Map(rows.map(({ id, name }) => [id, name ?? id]));
    this.#holders = new Map(
      rows.flatMap(({ id, name, owner }) => (name === null ? [[id, owner]] : [])),
    );
    this.#known = new Map(rows.flatMap((row) => (row.removed_at === null ? [[row.id, row]] : [])));
  }

  #report(row: CallerRow): CallerReport {
    return {
      id: row.name ?? row.id,
      identity: row.id,
      owner: row.owner,
      permissions: row.permissions,
      platforms: row.platforms,
      accounts: row.accounts,
      actions: row.actions,
      requests_per_minute: row.requests_per_minute,
      policy: row.policy,
      expires_at: row.expires_at?.toISOString() ?? null,
      created_by: this.nameOf(row.created_by),
      created_at: row.created_at.toISOString(),
      updated_at: row.updated_at.toISOString(),
      last_used_at: row.last_used_at?.toISOString() ?? null,
      former_key_until: row.former_key_until?.toISOString() ?? null,
    };
  }
}

/** The subject of events about a caller, by its identity. */
export function nameSubject(id: string): string {
  return `caller/${id}`;
}

/** What is stored of a key of a caller. */
export function findKeyHash(apiKey: string): string {
  return hashSecret(KEY_FORM.exec(apiKey)?.[2] ?? '');
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

function listBounds(asked: CallerRequest): unknown[] {
  const { permissions, platforms, accounts, actions, requests_per_minute, expires_at, policy } =
    asked;
  return [permissions, platforms, accounts, actions, requests_per_minute, expires_at, policy];
}

function makeCaller(row: CallerRow): Caller {
  const { id, name, owner, epoch, expires_at, created_at } = row;
  return new Caller({
    ...readBounds({ ...row, expires_at: expires_at?.toISOString() ?? null }),
    kind: 'key',
    id,
    name: name ?? id,
    epoch,
    permissions: new Set(row.permissions),
    bornAt: created_at.getTime() - CLOCK_SLACK_MS,
    ...(owner !== '' && { owner }),
  });
}

/** Bounds as they are written in JSON; names of groups stay as they are. */
export function readBounds(asked: CallerRequest): Bounds {
  const { permissions, platforms, accounts, actions, requests_per_minute, expires_at, policy } =
    asked;
  return {
    permissions: new Set(permissions),
    platforms: platforms ? new Set(platforms) : undefined,
    accounts: accounts ? new Set(accounts) : undefined,
    actions: actions ? new Set(actions) : undefined,
    requestsPerMinute: requests_per_minute ?? undefined,
    policy: policy ?? undefined,
    endsAt: expires_at === null ? undefined : Date.parse(expires_at),
  };
}
