import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Effect } from '../actions/action.js';
import type { FailureCode, Status } from '../actions/failures.js';
import type { Outcome } from '../actions/outcome.js';
import type { Caller } from '../callers/caller.js';
import { CONFIG, type Config } from '../config/config.js';
import { describeEvent, noteEvent } from '../database/audit-event.js';
import { Database } from '../database/database.js';
import { GroupCommit } from '../database/group-commit.js';
import type { SealedColumn } from '../database/key-rotation.js';
import { Vault } from '../database/vault.js';
import { placeOfEnvelope, type WaitingEnvelope } from './action-queue.js';

/** An envelope that may be sent again, or why it may not. */
export type Taken =
  | { readonly envelope: WaitingEnvelope }
  | {
      readonly reason: string;
      /** The action that the same caller made of it before. */
      readonly madeBefore?: string;
    };

interface KeptItem {
  readonly id: string;
  readonly envelope: string;
}

/** A longer envelope, such as one with a picture in it, is not kept. */
const LARGEST_BYTES = 65_536;
/** The same request would end the same way, or is repeated by its caller anyway. */
const POINTLESS: ReadonlySet<FailureCode> = new Set([
  'UNKNOWN_ACTION',
  'INVALID_INPUT',
  'NOT_ALLOWED',
  'KEY_REUSED',
  'IN_PROGRESS',
  'UNSUPPORTED',
  'GATEWAY_UNAVAILABLE',
]);

const NOT_KEPT =
  'Its content is not kept: the log has private parameters as their length alone, and envelopes of failed actions are kept for REPLAY_HOURS, files and what is over 64 KiB not at all. Send it anew';
const SENT_BY_OTHER =
  'Another caller has sent it again already; GET /api/v1/audit/events tells which';

const KEEP = `
  INSERT INTO kept_envelopes (id, envelope, expires_at)
  SELECT id, envelope, now() + make_interval(hours => $2)
  FROM json_to_recordset($1) AS k (id text, envelope text)
  ON CONFLICT (id) DO NOTHING`;

/** $1 id, $2 who asks, $3 the status that the action must still have, $4 the event. */
const TAKE = `
  WITH changed AS (
    UPDATE kept_envelopes kept SET replayed_by = $2
    WHERE id = $1 AND expires_at > now() AND COALESCE(replayed_by, $2) = $2 AND replayed_as IS NULL
      AND EXISTS (SELECT 1 FROM actions WHERE actions.id = $1::uuid AND status = $3)
    RETURNING id, envelope
  ),
  noted AS (${noteEvent('changed', '$4')})
  SELECT envelope FROM changed`;

/**
 * Envelopes of actions that ended without a success, sealed, for some days. With them an operator sends
 * again what failed.
 */
@Injectable()
export class KeptEnvelopes {
  readonly #logger = new Logger(KeptEnvelopes.name);
  readonly #keeping = new GroupCommit<KeptItem, void>((items) => this.#write(items));

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    @Inject(CONFIG) private readonly config: Pick<Config, 'REPLAY_HOURS'>,
  ) {}

  /** For how long envelopes are kept. */
  get hours(): number {
    return this.config.REPLAY_HOURS;
  }

  /** Whether an action that ended so may be sent again later. */
  isWorthKeeping({ status, failure }: Outcome, effect: Effect | undefined): boolean {
    const isEnd = status === 'FAILED' || status === 'REFUSED' || status === 'UNKNOWN';
    if (!isEnd || effect === undefined || effect === 'read') return false;
    return this.config.REPLAY_HOURS > 0 && failure !== undefined && !POINTLESS.has(failure.code);
  }

  /** Keeps an envelope. Never throws: without it the action alone cannot be sent again from here. */
  async keep(id: string, envelope: WaitingEnvelope): Promise<void> {
    const text = JSON.stringify(envelope);
    if (text.length > LARGEST_BYTES) return;
    try {
      await this.#keeping.add({ id, envelope: this.vault.encrypt(text, placeOfEnvelope(id)) });
    } catch (error) {
      this.#logger.warn(`the envelope of ${id} was not kept: ${(error as Error).message}`);
    }
  }

  /**
   * Takes the envelope of an action to send it again, and notes who does. The same caller may take it more
   * than once, since its replays have one key.
   * @param status what the action has ended as; one that has become something else is not taken
   */
  async take(id: string, status: Status, caller: Caller): Promise<Taken> {
    const event = describeEvent({
      kind: 'action.replayed',
      callerId: caller.identity,
      owner: caller.owner,
      subject: `action/${id}`,
    });
    const [taken] = await this.database.query<{ envelope: string }>(TAKE, [
      id,
      caller.identity,
      status,
      event,
    ]);
    if (!taken) return this.#explain(id, caller);
    const opened = this.vault.decrypt(taken.envelope, placeOfEnvelope(id));
    const envelope = JSON.parse(opened) as WaitingEnvelope;
    const repeat = await this.#findRepeat(id, envelope);
    if (repeat === undefined) return { envelope };
    return { reason: `Its caller has repeated it with the same key, as action ${repeat}` };
  }

  /** An action was made of an envelope, and may have happened: it is made no second time. */
  async noteReplays(made: readonly { readonly id: string; readonly as: string }[]): Promise<void> {
    await this.database.change(
      `UPDATE kept_envelopes SET replayed_as = m."as"
       FROM json_to_recordset($1) AS m (id text, "as" text) WHERE kept_envelopes.id = m.id`,
      [JSON.stringify(made)],
    );
  }

  /** The action that was made of one; undefined where it was not sent again. */
  async findReplay(id: string): Promise<string | undefined> {
    const [kept] = await this.database.query<{ replayed_as: string | null }>(
      'SELECT replayed_as FROM kept_envelopes WHERE id = $1',
      [id],
    );
    return kept?.replayed_as ?? undefined;
  }

  async #explain(id: string, caller: Caller): Promise<Extract<Taken, { reason: string }>> {
    const [kept] = await this.database.query<{
      replayed_by: string | null;
      replayed_as: string | null;
    }>('SELECT replayed_by, replayed_as FROM kept_envelopes WHERE id = $1 AND expires_at > now()', [
      id,
    ]);
    if (!kept) return { reason: NOT_KEPT };
    if (kept.replayed_by !== null && kept.replayed_by !== caller.identity)
      return { reason: SENT_BY_OTHER };
    if (kept.replayed_as === null)
      return { reason: 'It has just become something else; read it again' };
    return { reason: 'It was sent again before', madeBefore: kept.replayed_as };
  }

  /** The other action that holds the key of an action now. */
  async #findRepeat(id: string, { raw, caller }: WaitingEnvelope): Promise<string | undefined> {
    const { idempotency_key: key } = raw;
    if (typeof key !== 'string' || key === '') return undefined;
    const [held] = await this.database.query<{ action_id: string }>(
      `SELECT action_id FROM idempotency_keys
       WHERE caller_id = $1 AND key = $2 AND action_id <> $3::uuid AND expires_at > now()`,
      [caller.id, key, id],
    );
    return held?.action_id;
  }

  async #write(items: readonly KeptItem[]): Promise<void[]> {
    await this.database.change(KEEP, [JSON.stringify(items), this.config.REPLAY_HOURS]);
    return items.map(() => undefined);
  }
}

/** What is kept encrypted here, for the rotation of keys. */
export const SEALED_KEPT_ENVELOPES: SealedColumn = {
  table: 'kept_envelopes',
  column: 'envelope',
  key: ['id'],
  locate: ({ id = '' }) => placeOfEnvelope(id),
};
