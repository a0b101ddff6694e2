import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { makeActionId } from '../journal/action-id.js';
import type { Call } from '../callers/call.js';
import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import { ActionLog } from '../journal/action-log.js';
import { CONFIG, type Config } from '../config/config.js';
import { Executor } from '../execution/executor.js';
import { Repeats } from '../execution/repeats.js';
import { Idempotency } from '../safeguards/idempotency.js';
import { refuse } from '../actions/door-refusal.js';

/** The answer to a batch, in the order of its envelopes. */
export interface BatchAnswer<Answer> {
  readonly responses: readonly Answer[];
  readonly total_count: number;
  readonly success_count: number;
  readonly failure_count: number;
  /** Asks for the progress of what was queued. */
  readonly batch_id: string;
}

const POLL_EVERY_MS = 100;
/** Bytes of an idempotency key, as for that of an envelope. */
const LONGEST_KEY = 255;

/** Many envelopes in one call: accounts side by side, what belongs together in its order. */
@Injectable()
export class Batches {
  constructor(
    private readonly executor: Executor,
    private readonly log: ActionLog,
    private readonly repeats: Repeats,
    private readonly idempotency: Idempotency,
    @Inject(CONFIG) private readonly config: Pick<Config, 'IDEMPOTENCY_SECONDS'>,
  ) {}

  /**
   * Carries out envelopes. Of two with one key the second waits and replays the first; what may run
   * later is queued, and answered as it ended where that fits the deadline of the caller.
   * @param batchKey an idempotency key for the batch as a whole: its repeat replays what was done, and does
   *   what was not; an envelope with a key of its own keeps that
   * @throws ActionFailure KEY_REUSED for a key of another batch
   */
  async execute<Answer>(
    given: readonly unknown[],
    call: Call,
    encode: (outcome: Outcome, index: number) => Answer,
    batchKey?: string,
  ): Promise<BatchAnswer<Answer>> {
    const { envelopes, batchId } = await this.#claim(given, call, batchKey);
    const before = new Map<string, Promise<Outcome>>();
    // Only where repeats without a key are looked for, since every envelope is written out for it.
    const joins = this.repeats.findWindow(call) > 0;
    const likes = joins ? countEqualBefore(envelopes) : [];
    // One for nearly all: a copy for each would live as long as its action.
    const first: Call = { ...call, batchId };
    const outcomes = await Promise.all(
      envelopes.map((envelope, index) => {
        const nth = likes[index] ?? 0;
        const apart = call.apart === undefined ? undefined : findText(envelope, 'request_id');
        const own =
          nth === 0 && apart === call.apart
            ? first
            : { ...first, ...(nth > 0 && { nth }), ...(apart !== undefined && { apart }) };
        const key = findKey(envelope);
        if (key === undefined) return this.executor.execute(envelope, own);
        const execute = (): Promise<Outcome> => this.executor.execute(envelope, own);
        const outcome = before.get(key)?.then(execute) ?? execute();
        before.set(key, outcome);
        return outcome;
      }),
    );
    refuseIfUnavailable(outcomes);
    const final = await this.#awaitQueued(outcomes, call);
    const success_count = final.filter(({ success }) => success).length;
    return {
      responses: final.map(encode),
      total_count: final.length,
      success_count,
      failure_count: final.length - success_count,
      batch_id: batchId,
    };
  }

  /** The envelopes with keys of their own, and the id of the batch. */
  async #claim(
    given: readonly unknown[],
    { caller }: Call,
    key: string | undefined,
  ): Promise<{ readonly envelopes: readonly unknown[]; readonly batchId: string }> {
    const batchId = makeActionId();
    const mayAct = caller.hasOneOf(['execute_actions']);
    if (key === undefined || key === '' || !mayAct) return { envelopes: given, batchId };
    requireKey(key);
    const lifeSeconds = this.config.IDEMPOTENCY_SECONDS;
    const life = { batchId, lifeSeconds };
    const claimed = await this.idempotency.claimBatch(caller, key, given, life);
    const envelopes = given.map((envelope, index) =>
      isObject(envelope) && findKey(envelope) === undefined
        ? { ...envelope, idempotency_key: claimed.keys[index] }
        : envelope,
    );
    return { envelopes, batchId: claimed.batchId };
  }

  /** Waits only if the caller set a deadline; without one the answer is that the action is queued. */
  async #awaitQueued(outcomes: readonly Outcome[], call: Call): Promise<readonly Outcome[]> {
    if (call.deadline === Infinity) return outcomes;
    const ended = new Map<string, Outcome>();
    const waiting = new Set(
      outcomes.flatMap(({ status, action_id }) => (status === 'QUEUED' ? [action_id] : [])),
    );
    while (waiting.size > 0 && performance.now() + POLL_EVERY_MS < call.answerBy) {
      await sleep(POLL_EVERY_MS);
      for (const { outcome } of await this.log.readAll([...waiting])) {
        if (outcome.status === 'QUEUED' || outcome.status === 'RUNNING') continue;
        waiting.delete(outcome.action_id);
        ended.set(outcome.action_id, outcome);
      }
    }
    return outcomes.map((outcome) => {
      const end = ended.get(outcome.action_id);
      return end ? { ...end, replayed: outcome.replayed } : outcome;
    });
  }
}

/** How many of its like each envelope has before it. */
function countEqualBefore(envelopes: readonly unknown[]): readonly number[] {
  const likes = new Map<string, number>();
  return envelopes.map((envelope) => {
    const like = serialize(envelope);
    const nth = likes.get(like) ?? 0;
    likes.set(like, nth + 1);
    return nth;
  });
}

/** What is nested without end is refused by the recipe, and must not overflow the stack here. */
function serialize(envelope: unknown): string {
  try {
    return JSON.stringify(envelope) ?? '';
  } catch {
    return '';
  }
}

function findKey(envelope: unknown): string | undefined {
  return findText(envelope, 'idempotency_key');
}

function findText(envelope: unknown, name: string): string | undefined {
  const text = isObject(envelope) ? envelope[name] : undefined;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** @throws DoorRefusal for a key that could not be kept */
function requireKey(key: string): void {
  if (Buffer.byteLength(key) > LONGEST_KEY || /\p{Cc}/u.test(key))
    throw refuse.malformed(
      `The Idempotency-Key must have at most ${LONGEST_KEY} bytes and no control characters`,
    );
}

/** @throws DoorRefusal for an empty batch or one that is too large */
export function requireBatchSize(size: number, most: number): void {
  if (size === 0) throw refuse.malformed('No actions provided');
  if (size > most) throw refuse.malformed(`Batch size exceeds maximum of ${most}`);
}

/** When nothing at all was begun, the door itself says so, and the whole call can be repeated. */
export function refuseIfUnavailable(outcomes: readonly Outcome[]): void {
  const [first] = outcomes;
  if (!first || !outcomes.every(({ failure }) => failure?.code === 'GATEWAY_UNAVAILABLE')) return;
  throw refuse.unavailable(first.error, first.failure?.retry_after_ms ?? 1_000);
}
