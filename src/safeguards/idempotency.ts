import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { configure } from 'safe-stable-stringify';
import type { Envelope } from '../actions/envelope.js';
import type { Call } from '../callers/call.js';
import type { Caller } from '../callers/caller.js';
import { isObject } from '../actions/json.js';
import { ActionFailure, type Status } from '../actions/failures.js';
import type { Outcome } from '../actions/outcome.js';
import { Database, type PreparedStatement } from '../database/database.js';
import { GroupCommit } from '../database/group-commit.js';
import type { SealedColumn } from '../database/key-rotation.js';
import { Vault } from '../database/vault.js';

/** A key that the started row of an action will claim. */
export interface KeyClaim {
  readonly key: string;
  readonly fingerprint: string;
  /** Made from the content, for a caller that gave none: a repeat joins the request under way. */
  readonly joins: boolean;
  /** Seconds for which a key that was made from the content is kept after its action has ended. */
  readonly keptSeconds?: number;
}

/** What is known of a key. */
export type KeyState =
  | { readonly state: 'free' }
  | { readonly state: 'running'; readonly actionId: string }
  | { readonly state: 'answered'; readonly outcome: Outcome };

interface WantedKey {
  readonly callerId: string;
  readonly key: string;
  /** Set where the key counts only if the action that claimed it is of this tenant. */
  readonly owner?: string;
}

/** Whose keys are looked for. */
type KeyHolder = Pick<Caller, 'id' | 'identity' | 'owner'>;

interface FoundKey {
  readonly row: KeyRow;
  /** Under which it was claimed. */
  readonly callerId: string;
}

interface KeyRow {
  readonly place: number;
  readonly fingerprint: string;
  readonly answer: string | null;
  readonly action_id: string;
}

interface ActionRow {
  readonly status: Status;
  readonly message: string;
  readonly error: string;
  readonly sandbox: boolean;
}

const RETRY_WHILE_RUNNING_MS = 1_000;
/** $1 callers, $2 their keys, $3 the tenants that these must be of. Each is looked for alone, so that it is found by its primary key in any plan. */
const FIND_KEYS: PreparedStatement = {
  name: 'find keys',
  text: `
    SELECT w.place::int, k.fingerprint, k.answer, k.action_id
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w (caller_id, key, owner, place)
    CROSS JOIN LATERAL (
      SELECT fingerprint, answer, action_id FROM idempotency_keys
      WHERE caller_id = w.caller_id AND key = w.key AND expires_at > now()
        AND (w.owner IS NULL
          OR EXISTS (SELECT 1 FROM actions WHERE actions.id = action_id AND actions.owner = w.owner))
      LIMIT 1
    ) AS k`,
};
interface ClaimedBatch {
  readonly fingerprint: string;
  readonly action_id: string;
}

/** $1 caller, $2 key, $3 fingerprint, $4 batch, $5 seconds. A key whose time is over is free. None while the server has just changed. */
const CLAIM_BATCH = `
  INSERT INTO idempotency_keys AS held (caller_id, key, fingerprint, action_id, expires_at)
  SELECT $1, $2, $3, $4::uuid, now() + make_interval(secs => $5) WHERE (SELECT require_open_claims())
  ON CONFLICT (caller_id, key) DO UPDATE SET fingerprint = excluded.fingerprint,
    action_id = excluded.action_id, answer = NULL, expires_at = excluded.expires_at
  WHERE held.expires_at <= now()
  RETURNING fingerprint, action_id`;
const stringifyCanonically = configure({ deterministic: true });

/** Keys that callers give to be sure that a repeat does no harm. */
@Injectable()
export class Idempotency {
  /** Keys that are looked up at the same time share a statement. */
  readonly #rows = new GroupCommit<WantedKey, KeyRow | undefined>(
    (keys) => this.#readRows(keys),
    1,
  );

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /**
   * What a key stands for: the same content in any order of names gives the same text.
   * @param joinMs for envelopes without a key: how long a repeat joins an identical one; 0 for never
   * @param call what sets the envelope apart from equal ones: those are no repeats of each other
   */
  describe(
    envelope: Envelope,
    joinMs: number,
    { nth = 0, apart, contentKeySeconds }: Pick<Call, 'nth' | 'apart' | 'contentKeySeconds'> = {},
  ): KeyClaim | undefined {
    const { idempotency_key: key } = envelope;
    if (key === undefined && joinMs === 0 && contentKeySeconds === undefined) return undefined;
    const { platform, action_type, account_id, credential_ref, actor_id, parameters, run_at } =
      envelope;
    const content = stringifyCanonically([
      platform,
      action_type,
      // What a reference leads to may change; what was asked for does not.
      credential_ref === undefined ? (account_id ?? '') : { credential_ref },
      actor_id ?? '',
      parameters,
      run_at ?? '',
      ...(key === undefined && nth > 0 ? [nth] : []),
      ...(key === undefined && apart !== undefined ? [{ apart }] : []),
    ]);
    const fingerprint = hash('sha256', content ?? '', 'base64url');
    if (key !== undefined) return { key, fingerprint, joins: false };
    if (contentKeySeconds === undefined)
      return { key: `same content ${fingerprint}`, fingerprint, joins: true };
    const kept = `content ${fingerprint}`;
    return { key: kept, fingerprint, joins: true, keptSeconds: contentKeySeconds };
  }

  /**
   * Claims a key for a whole batch, or finds that it was claimed for the same one.
   * @param batchId of this batch, should the key be free
   * @returns the id of the batch that has the key, and the keys of its envelopes, in their order
   * @throws ActionFailure KEY_REUSED for a key of another batch; DatabaseAway
   */
  async claimBatch(
    { identity }: KeyHolder,
    key: string,
    envelopes: readonly unknown[],
    { batchId, lifeSeconds }: { readonly batchId: string; readonly lifeSeconds: number },
  ): Promise<{ readonly batchId: string; readonly keys: readonly string[] }> {
    const name = `batch:${hash('sha256', key, 'base64url')}`;
    const content = stringifyCanonically(envelopes.map(describeContent));
    const fingerprint = hash('sha256', content ?? '', 'base64url');
    const [claimed] = await this.database.query<ClaimedBatch>(CLAIM_BATCH, [
      identity,
      name,
      fingerprint,
      batchId,
      lifeSeconds,
    ]);
    const held = claimed ?? (await this.#findBatch(identity, name));
    if (!held || held.fingerprint !== fingerprint) throw keyIsReused('batch');
    return {
      batchId: held.action_id,
      keys: envelopes.map((_envelope, index) => `${name}:${index}`),
    };
  }

  async #findBatch(identity: string, name: string): Promise<ClaimedBatch | undefined> {
    const [held] = await this.database.query<ClaimedBatch>(
      'SELECT fingerprint, action_id FROM idempotency_keys WHERE caller_id = $1 AND key = $2',
      [identity, name],
    );
    return held;
  }

  /** The answer as it is kept for replays. */
  seal(callerId: string, { key }: KeyClaim, outcome: Outcome): string {
    return this.vault.encrypt(JSON.stringify(outcome), placeOfAnswer(callerId, key));
  }

  /**
   * The stored answer to an earlier request with this key, or undefined when the key is free.
   * @throws ActionFailure KEY_REUSED, IN_PROGRESS
   */
  async find(caller: KeyHolder, claim: KeyClaim): Promise<Outcome | undefined> {
    const found = await this.#findRow(caller, claim);
    if (!found) return undefined;
    const outcome = this.#open(found, claim) ?? (await this.#readFromLog(found.row.action_id));
    if (outcome) return outcome;
    throw keyIsRunning();
  }

  /** @throws ActionFailure KEY_REUSED */
  async look(caller: KeyHolder, claim: KeyClaim): Promise<KeyState> {
    const found = await this.#findRow(caller, claim);
    if (!found) return { state: 'free' };
    const actionId = found.row.action_id;
    const outcome = this.#open(found, claim) ?? (await this.#readFromLog(actionId));
    return outcome ? { state: 'answered', outcome } : { state: 'running', actionId };
  }

  /**
   * The row of a caller's key. Releases before 0.2 claimed the keys of a tenant's services by the bare
   * id, which several tenants may have, so the tenant of the action is looked at as well.
   */
  async #findRow(caller: KeyHolder, { key }: KeyClaim): Promise<FoundKey | undefined> {
    const { id, identity, owner } = caller;
    const row = await this.#rows.add({ callerId: identity, key });
    if (row) return { row, callerId: identity };
    if (id === identity || owner === undefined) return undefined;
    const former = await this.#rows.add({ callerId: id, key, owner });
    return former && { row: former, callerId: id };
  }

  /** The answer in a row; undefined where there is none yet. @throws ActionFailure KEY_REUSED */
  #open(
    { callerId, row: { fingerprint, answer } }: FoundKey,
    claim: KeyClaim,
  ): Outcome | undefined {
    if (fingerprint !== claim.fingerprint) throw keyIsReused('request');
    if (answer === null) return undefined;
    const kept = this.vault.decrypt(answer, placeOfAnswer(callerId, claim.key));
    return Object.assign(JSON.parse(kept) as Outcome, { replayed: true });
  }

  async #readRows(keys: readonly WantedKey[]): Promise<(KeyRow | undefined)[]> {
    const rows = await this.database.run<KeyRow>(FIND_KEYS, [
      keys.map(({ callerId }) => callerId),
      keys.map(({ key }) => key),
      keys.map(({ owner }) => owner ?? null),
    ]);
    const inPlace: (KeyRow | undefined)[] = keys.map(() => undefined);
    for (const row of rows) inPlace[row.place - 1] = row;
    return inPlace;
  }

  /** What the log says of an action whose answer was not stored: it waits, or a crash has cut it off. */
  async #readFromLog(actionId: string): Promise<Outcome | undefined> {
    const [row] = await this.database.query<ActionRow>(
      'SELECT status, message, error, sandbox FROM actions WHERE id = $1',
      [actionId],
    );
    if (!row) return undefined;
    const { status, message, error, sandbox } = row;
    if (status !== 'UNKNOWN' && status !== 'QUEUED' && status !== 'SCHEDULED') return undefined;
    const isWaiting = status !== 'UNKNOWN';
    return {
      success: isWaiting,
      message,
      action_id: actionId,
      result_data: {},
      error,
      status,
      ...(!isWaiting && { failure: { code: 'OUTCOME_UNKNOWN', retryable: false } }),
      replayed: true,
      request_id: '',
      sandbox,
    };
  }
}

/** What of an envelope makes it the same or another; a member with its default may be left out. */
function describeContent(envelope: unknown): unknown {
  if (!isObject(envelope)) return envelope;
  return Object.fromEntries(Object.entries(envelope).filter(isContent));
}

function isContent([name, value]: [string, unknown]): boolean {
  if (name === 'request_id' || name === 'priority') return false;
  return value !== undefined && value !== '' && value !== false;
}

function keyIsReused(what: 'request' | 'batch'): ActionFailure {
  return new ActionFailure(
    'KEY_REUSED',
    `This idempotency key was used for another ${what}: give every ${what} a key of its own`,
  );
}

/** The answer to a second request while the first one is under way. */
export function keyIsRunning(): ActionFailure {
  return new ActionFailure('IN_PROGRESS', 'A request with this idempotency key is still running', {
    retryAfterMs: RETRY_WHILE_RUNNING_MS,
  });
}

/** Where a stored answer lives; the vault binds it to this place. */
function placeOfAnswer(callerId: string, key: string): string {
  return `idempotency_keys/${callerId}/${key}/answer`;
}

/** What this room keeps encrypted, for the rotation of keys. */
export const SEALED_ANSWERS: SealedColumn = {
  table: 'idempotency_keys',
  column: 'answer',
  key: ['caller_id', 'key'],
  locate: ({ caller_id = '', key = '' }) => placeOfAnswer(caller_id, key),
};
