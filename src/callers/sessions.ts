import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { refuse } from '../actions/door-refusal.js';
import { ChangeFeed } from '../cluster/change-feed.js';
import { RowMemory } from '../cluster/row-memory.js';
import { CONFIG, type Config } from '../config/config.js';
import { databaseClock } from '../config/database-clock.js';
import { describeEvent, noteEvent } from '../database/audit-event.js';
import { Database } from '../database/database.js';
import { Caller, type StoredCaller } from './caller.js';
import { CallerTokens, type SignedIn } from './caller-tokens.js';
import { isSameSecret } from './secrets.js';

/** A session of a person in the browser, as it stands now. */
export interface Session {
  readonly id: string;
  readonly caller: Caller;
  /** What a request by cookie that changes something has to send as X-CSRF-Token. */
  readonly csrfToken: string;
  readonly createdAt: Date;
  /** When it ends at the latest, also while it is used. */
  readonly expiresAt: Date;
}

/** A session that was just begun, and the value of its cookie, which is not shown again. */
export interface BegunSession {
  readonly cookie: string;
  readonly expiresAt: Date;
}

interface StoredSignIn {
  readonly caller: StoredCaller;
  readonly subject: string;
  readonly proof: string;
}

interface SessionRow extends StoredSignIn {
  readonly id: string;
  readonly bound_until: Date | null;
  readonly created_at: Date;
  readonly seen_at: Date;
  readonly expires_at: Date;
}

/** A row as it is kept in memory. */
interface KnownSession {
  readonly row: SessionRow;
  readonly signedIn: Pick<SignedIn, 'caller' | 'subject' | 'proof'>;
}

/** The value of a cookie: 256 random bits, and a seal that an invented one lacks. */
const COOKIE_FORM = /^([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;
const CODE_FORM = /^[A-Za-z0-9_-]{43}$/;
/** How long a one-time link is taken. */
const CODE_MINUTES = 10;
/** The use of a session is written at most so often, or four times in its idle time. */
const NOTE_USE_EVERY_MS = 60_000;
/** Uses that are remembered; beyond it they are forgotten, and read again. */
const MOST_USES = 10_000;
const GONE = 'The session has ended: sign in again';

const BEGIN = `
  WITH changed AS (
    INSERT INTO sessions (secret_hash, id, caller, subject, proof, bound_until, expires_at)
    VALUES ($2, $3, $4, $5, $6, $7, LEAST(now() + make_interval(secs => $8), $9::timestamptz))
    RETURNING id, expires_at
  ), noted AS (${noteEvent('changed', '$1')})
  SELECT expires_at FROM changed`;

/**
 * Sessions of people in the browser. A session is bound to the caller that signed in and to the key it
 * signed in with: it ends with either on every replica. The database has hashes of secrets only.
 */
@Injectable()
export class Sessions {
  readonly #logger = new Logger(Sessions.name);
  readonly #memory: RowMemory<KnownSession>;
  /** When sessions were last used here, and when that was last written, in Unix milliseconds. */
  readonly #uses = new Map<string, { usedAt: number; writtenAt: number }>();

  constructor(
    private readonly database: Database,
    private readonly tokens: CallerTokens,
    feed: ChangeFeed,
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'SESSION_IDLE_SECONDS' | 'SESSION_SECONDS'>,
  ) {
    this.#memory = new RowMemory(feed, 'sessions');
  }

  /** Begins a session. It is written into the history in the same statement. @throws DatabaseAway */
  async begin({ caller, subject, proof, endsAt, by }: SignedIn): Promise<BegunSession> {
    const secret = randomBytes(32).toString('base64url');
    const id = randomUUID();
    const event = describeEvent({
      kind: 'session.opened',
      callerId: caller.identity,
      subject: nameSession(id),
      owner: caller.owner ?? '',
      details: { by },
    });
    const [begun] = await this.database.query<{ expires_at: Date }>(BEGIN, [
      event,
      hashSecret(secret),
      id,
      JSON.stringify(caller.toJson()),
      subject,
      proof,
      caller.endsAt === undefined ? null : new Date(caller.endsAt),
      this.config.SESSION_SECONDS,
      endsAt === undefined ? null : new Date(endsAt),
    ]);
    if (!begun) throw new Error('PostgreSQL returned no row for a session that it inserted');
    return { cookie: `${secret}.${this.tokens.seal(secret)}`, expiresAt: begun.expires_at };
  }

  /** Makes a code for a one-time link that signs a service in which may do everything. @throws DatabaseAway */
  async makeCode(service: string): Promise<string> {
    const code = randomBytes(32).toString('base64url');
    const { caller, subject, proof } = this.tokens.signInOperator(service);
    await this.database.change(
      `INSERT INTO sign_in_codes (code_hash, caller, subject, proof, expires_at)
       VALUES ($1, $2, $3, $4, now() + make_interval(mins => ${CODE_MINUTES}))`,
      [hashSecret(code), JSON.stringify(caller.toJson()), subject, proof],
    );
    return code;
  }

  /** Takes a code, which is then used up. @returns undefined for one that is not taken @throws DatabaseAway */
  async redeemCode(code: string): Promise<SignedIn | undefined> {
    if (!CODE_FORM.test(code)) return undefined;
    const [row] = await this.database.query<StoredSignIn & { isAlive: boolean }>(
      `DELETE FROM sign_in_codes WHERE code_hash = $1
       RETURNING caller, subject, proof, expires_at > now() AS "isAlive"`,
      [hashSecret(code)],
    );
    if (!row?.isAlive) return undefined;
    const { subject, proof } = row;
    const signedIn = { caller: Caller.fromJson(row.caller), subject, proof };
    return this.tokens.recheck(signedIn) && { ...signedIn, by: 'code' };
  }

  /**
   * The session of a cookie.
   * @param isUse whether this keeps it from ending unused
   * @returns at once where its row is at hand
   * @throws DoorRefusal UNAUTHENTICATED, DatabaseAway
   */
  find(cookie: string, isUse = true): Session | Promise<Session> {
    const [, secret = '', seal = ''] = COOKIE_FORM.exec(cookie) ?? [];
    if (secret === '' || !this.tokens.isSealed(secret, seal))
      throw refuse.unauthenticated('The session cookie is not valid: sign in again');
    const key = hashSecret(secret);
    const known = this.#memory.peek(key);
    if (known && !this.#isIdle(key, known.row)) return this.#check(key, secret, known, isUse);
    // Another replica may have noted a use since this one has read the row.
    if (known) this.#memory.forget(key);
    return this.#findInTable(key, secret, isUse);
  }

  /** Ends a session. @param by the identity of who asked. @throws DatabaseAway */
  async end(id: string, by: string, owner = ''): Promise<void> {
    const [ended] = await this.database.query<{ secret_hash: string }>(
      `WITH changed AS (DELETE FROM sessions WHERE id = $2 RETURNING secret_hash),
       noted AS (${noteEvent('changed', '$1')})
       SELECT secret_hash FROM changed`,
      [describeEvent({ kind: 'session.ended', callerId: by, subject: nameSession(id), owner }), id],
    );
    if (ended) this.#memory.forget(ended.secret_hash);
  }

  async #findInTable(key: string, secret: string, isUse: boolean): Promise<Session> {
    const known = await this.#memory.recall(key, async () => {
      const [row] = await this.database.query<SessionRow>(
        `SELECT id, caller, subject, proof, bound_until, created_at, seen_at, expires_at
         FROM sessions WHERE secret_hash = $1`,
        [key],
      );
      if (!row) throw refuse.unauthenticated(GONE);
      const { subject, proof, bound_until } = row;
      const endsAt = bound_until?.getTime();
      const caller = Caller.fromJson(row.caller).narrow({ endsAt });
      return { row, signedIn: { caller, subject, proof } };
    });
    if (this.#isIdle(key, known.row))
      throw refuse.unauthenticated(
        `The session was not used for ${this.config.SESSION_IDLE_SECONDS} seconds: sign in again`,
      );
    return this.#check(key, secret, known, isUse);
  }

  #check(key: string, secret: string, { row, signedIn }: KnownSession, isUse: boolean): Session {
    const caller = this.tokens.recheck(signedIn);
    if (!caller)
      throw refuse.unauthenticated(
        'The session has ended: its caller was revoked or its key was changed; sign in again',
      );
    if (row.expires_at.getTime() <= databaseClock.now()) throw refuse.unauthenticated(GONE);
    if (isUse) this.#noteUse(key);
    return {
      id: row.id,
      caller,
      csrfToken: makeCsrfToken(secret),
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    };
  }

  #isIdle(key: string, { seen_at }: SessionRow): boolean {
    const usedAt = Math.max(seen_at.getTime(), this.#uses.get(key)?.usedAt ?? 0);
    return databaseClock.now() - usedAt > this.config.SESSION_IDLE_SECONDS * 1_000;
  }

  #noteUse(key: string): void {
    const now = databaseClock.now();
    const { writtenAt = -Infinity } = this.#uses.get(key) ?? {};
    const every = Math.min(NOTE_USE_EVERY_MS, this.config.SESSION_IDLE_SECONDS * 250);
    const isDue = now - writtenAt > every;
    if (this.#uses.size >= MOST_USES) this.#uses.clear();
    this.#uses.set(key, { usedAt: now, writtenAt: isDue ? now : writtenAt });
    if (isDue) void this.#writeUse(key);
  }

  /** Never throws: the worst is that a session ends early. */
  async #writeUse(key: string): Promise<void> {
    try {
      await this.database.change('UPDATE sessions SET seen_at = now() WHERE secret_hash = $1', [
        key,
      ]);
    } catch (error) {
      this.#logger.warn(`the use of a session was not written: ${(error as Error).message}`);
    }
  }
}

/** Whether a text is the CSRF token of a session, in the same time for every wrong one. */
export function isCsrfToken(given: unknown, { csrfToken }: Session): boolean {
  return typeof given === 'string' && isSameSecret(given, csrfToken);
}

/** The subject of events about a session. */
function nameSession(id: string): string {
  return `session/${id}`;
}

function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

function makeCsrfToken(secret: string): string {
  return createHash('sha256').update(`csrf token of ${secret}`).digest('base64url');
}
