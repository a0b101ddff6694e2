import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as makeId } from 'uuid';
import type { Platform } from '../actions/platform.js';
import { Caller, type StoredCaller } from '../callers/caller.js';
import { describeEvent, noteEvent } from '../database/audit-event.js';
import { Database } from '../database/database.js';
import { ConnectFailure } from './connect-failure.js';
import { ConsentStates, hashState } from './consent-states.js';

export const LINK_STATES = ['pending', 'opened', 'done', 'failed', 'expired', 'revoked'] as const;

/** What a link asks a person for. */
export interface LinkRequest {
  readonly platform: string;
  readonly accountId: string | undefined;
  readonly groups: readonly string[] | undefined;
  readonly expiresIn: number;
  readonly returnTo: string | undefined;
}

/** A link, without the secret that opens it. */
export interface ConnectLink {
  readonly id: string;
  readonly platform: string;
  /** The account that was connected, or the one that is expected; null for whichever is chosen. */
  readonly accountId: string | null;
  readonly groups: readonly string[] | null;
  readonly returnTo: string | null;
  readonly callerId: string;
  readonly state: (typeof LINK_STATES)[number];
  readonly error: string;
  readonly createdAt: Date;
  readonly openedAt: Date | null;
  readonly settledAt: Date | null;
  readonly expiresAt: Date;
}

/** A link that a person has opened, and the caller in whose name it asks. */
export interface OpenedLink {
  readonly link: ConnectLink;
  readonly caller: Caller;
}

type LinkRow = ConnectLink & { readonly caller: StoredCaller };

const COLUMNS = `id, platform, COALESCE(connected_id, account_id) AS "accountId", groups,
  return_to AS "returnTo", caller_id AS "callerId", error, created_at AS "createdAt",
  opened_at AS "openedAt", settled_at AS "settledAt", expires_at AS "expiresAt", caller,
  CASE WHEN state IN ('pending', 'opened') AND expires_at <= now() THEN 'expired' ELSE state END AS state`;
/** An answer is taken in this time; the next one need not wait for a replica that is gone. */
const ANSWERING = `answering_since > now() - interval '60 seconds'`;
/** Kept a while after its end, so that its list says what became of it. */
const REMEMBERED_DAYS = 30;

/**
 * Links that a caller sends to the owner of a channel, who needs no login at the gateway. A link is good
 * for one connected account; until then it may be opened again.
 */
@Injectable()
export class ConnectLinks {
  constructor(
    private readonly database: Database,
    private readonly states: ConsentStates,
  ) {}

  /** @returns the link, and the secret that opens it, which is not told again */
  async create(
    { platform, accountId, groups, expiresIn, returnTo }: LinkRequest,
    caller: Caller,
  ): Promise<{ readonly link: ConnectLink; readonly secret: string }> {
    const secret = randomBytes(32).toString('base64url');
    const id = makeId();
    await this.database.change(
      `WITH changed AS (
         INSERT INTO connect_links (id, secret_hash, platform, account_id, groups, return_to, caller_id,
           owner, caller, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10))
         RETURNING id
       ) ${noteEvent('changed', '$11')}`,
      [
        id,
        hashSecret(secret),
        platform,
        accountId ?? null,
        groups ?? null,
        returnTo ?? null,
        caller.identity,
        caller.owner ?? '',
        JSON.stringify(caller.toJson()),
        expiresIn,
        describeLinkEvent('invitation.created', id, caller, { platform }),
      ],
    );
    await this.database.change(
      'DELETE FROM connect_links WHERE expires_at < now() - make_interval(days => $1)',
      [REMEMBERED_DAYS],
    );
    const link = await this.find(id, caller);
    if (!link) throw new Error(`The link ${id} was made and is not there`);
    return { link, secret };
  }

  /** The links within a caller's reach, the latest first. @param before the id of a link */
  async list(caller: Caller, before: string | undefined, limit: number): Promise<ConnectLink[]> {
    return this.#read(caller, 'AND ($6::uuid IS NULL OR id < $6)', [before ?? null], limit);
  }

  async find(id: string, caller: Caller): Promise<ConnectLink | undefined> {
    const [found] = await this.#read(caller, 'AND id = $6', [id], 1);
    return found;
  }

  /** Ends a link. @returns false for one that is over, or whose answer is being taken at this moment */
  async revoke(id: string, caller: Caller): Promise<boolean> {
    const revoked = await this.database.change(
      `WITH changed AS (
         UPDATE connect_links SET state = 'revoked', settled_at = now()
         WHERE id = $1 AND state IN ('pending', 'opened', 'failed') AND (${ANSWERING}) IS NOT TRUE
         RETURNING id
       ) ${noteEvent('changed', '$2')}`,
      [id, describeLinkEvent('invitation.revoked', id, caller, {})],
    );
    return revoked > 0;
  }

  /**
   * A person opens a link.
   * @param find the platform of a name
   * @throws ConnectFailure for a link that is not known, over or used, or whose caller is gone
   */
  async open(secret: string, find: (name: string) => Platform): Promise<OpenedLink> {
    const hash = hashSecret(secret);
    const [row] = await this.database.query<LinkRow>(
      `UPDATE connect_links SET state = 'opened', opened_at = COALESCE(opened_at, now()), error = ''
       WHERE secret_hash = $1 AND state IN ('pending', 'opened', 'failed') AND expires_at > now()
       RETURNING ${COLUMNS}`,
      [hash],
    );
    if (!row) return this.#explain(hash);
    const caller = Caller.fromJson(row.caller);
    const { platform, accountId } = row;
    return {
      link: row,
      caller: this.states.requireLiving(find(platform), caller, accountId ?? undefined),
    };
  }

  /**
   * The link that a person's answer came by, for this answer alone.
   * @returns undefined for an answer that came by no link
   * @throws ConnectFailure where the link was used or revoked meanwhile
   */
  async claim(state: string | undefined): Promise<ConnectLink | undefined> {
    if (state === undefined) return undefined;
    const hash = hashState(state);
    const [asked] = await this.database.query<{ link_id: string }>(
      'SELECT link_id FROM oauth_states WHERE state_hash = $1 AND link_id IS NOT NULL',
      [hash],
    );
    if (!asked) return undefined;
    const [link] = await this.database.query<LinkRow>(
      `UPDATE connect_links SET answering_since = now()
       WHERE id = $1 AND state IN ('opened', 'failed') AND (${ANSWERING}) IS NOT TRUE
       RETURNING ${COLUMNS}`,
      [asked.link_id],
    );
    if (link) return link;
    throw new ConnectFailure(
      'STATE_USED',
      'The link by which you came was used or revoked meanwhile',
      ASK_FOR_ANOTHER,
    );
  }

  /** Notes what came of an answer. @param result the account that is connected, or why none is */
  async settle(
    { id }: ConnectLink,
    result: { readonly accountId: string } | { readonly error: string },
  ): Promise<void> {
    const isDone = 'accountId' in result;
    await this.database.change(
      `UPDATE connect_links SET state = $2, connected_id = $3, error = $4, settled_at = now(),
         answering_since = NULL
       WHERE id = $1 AND state <> 'revoked'`,
      [
        id,
        isDone ? 'done' : 'failed',
        isDone ? result.accountId : null,
        isDone ? '' : result.error.slice(0, 500),
      ],
    );
  }

  /** A narrowed caller reaches its own links, and those of accounts within its reach. */
  async #read(
    caller: Caller,
    condition: string,
    values: readonly unknown[],
    limit: number,
  ): Promise<ConnectLink[]> {
    const { identity, owner, platforms, accounts } = caller;
    return this.database.query<LinkRow>(
      `SELECT ${COLUMNS} FROM connect_links
       WHERE ($2::text IS NULL OR owner = $2) AND (caller_id = $1 OR (
         ($3::text[] IS NULL OR platform = ANY($3))
         AND ($4::text[] IS NULL OR account_id = ANY($4))))
         ${condition}
       ORDER BY id DESC LIMIT $5`,
      [
        identity,
        owner ?? null,
        platforms ? [...platforms] : null,
        accounts ? [...accounts] : null,
        limit,
        ...values,
      ],
    );
  }

  async #explain(hash: string): Promise<never> {
    const [row] = await this.database.query<{ state: ConnectLink['state'] }>(
      `SELECT ${COLUMNS} FROM connect_links WHERE secret_hash = $1`,
      [hash],
    );
    if (!row)
      throw new ConnectFailure('STATE_UNKNOWN', 'This gateway knows no such link', ASK_FOR_ANOTHER);
    if (row.state === 'done')
      throw new ConnectFailure('STATE_USED', 'This link was used already', ASK_FOR_ANOTHER);
    if (row.state === 'revoked')
      throw new ConnectFailure('STATE_USED', 'This link was revoked', ASK_FOR_ANOTHER);
    throw new ConnectFailure('STATE_EXPIRED', 'The time of this link is over', ASK_FOR_ANOTHER);
  }
}

const ASK_FOR_ANOTHER = 'Ask the person who sent you the link for another one.';

function describeLinkEvent(
  kind: 'invitation.created' | 'invitation.revoked',
  id: string,
  { identity, owner }: Caller,
  details: { readonly platform?: string },
): string {
  return describeEvent({
    kind,
    callerId: identity,
    subject: `invitation/${id}`,
    ...(owner !== undefined && { owner }),
    details,
  });
}

function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
