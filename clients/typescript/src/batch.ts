import type { RequestBounds } from './connection.js';
import { GatewayError } from './errors.js';
import { Platforms } from './generated/platforms.js';
import { makeKey } from './idempotency-key.js';
import type { Outcome } from './outcome.js';
import type { ActionRequest } from './platform-actions.js';
import type { WireEnvelope } from './transport.js';
import { writeEnvelope } from './wire-envelope.js';
import { readOutcome } from './wire-outcome.js';

/** An answer to a batch, in the order of its actions. */
interface BatchAnswer {
  readonly batchId: string;
  readonly responses: readonly unknown[];
}

type SendBatch = (
  envelopes: readonly WireEnvelope[],
  idempotencyKey: string,
  bounds: RequestBounds,
) => Promise<BatchAnswer>;

interface Collected {
  readonly envelope: WireEnvelope;
  readonly free: readonly string[];
  resolve(outcome: Outcome<unknown>): void;
  reject(error: unknown): void;
}

/**
 * Actions that are sent in one request. Its methods are those of the gateway; their promises settle once `send`
 * has its answer. An action that fails fails alone.
 */
export class Batch extends Platforms {
  readonly #collected: Collected[] = [];
  #isSent = false;

  constructor(private readonly sendBatch: SendBatch) {
    super((request, _bounds, free) => this.#collect(request, free));
  }

  /** Adds any action by its name; see `ActionGateway.execute`. */
  execute(request: ActionRequest): Promise<Outcome> {
    return this.#collect(request, []) as Promise<Outcome>;
  }

  /**
   * Sends what was collected, once.
   * @returns the id of the batch, for the progress of what was queued
   * @throws GatewayError without an answer; the promises of the actions reject with the same
   */
  async send({
    idempotencyKey = makeKey(),
    ...bounds
  }: RequestBounds & { readonly idempotencyKey?: string } = {}): Promise<string> {
    if (this.#isSent) throw new Error('This batch was sent already: collect others in a new one');
    this.#isSent = true;
    const envelopes = this.#collected.map(({ envelope }) => envelope);
    try {
      const { batchId, responses } = await this.sendBatch(envelopes, idempotencyKey, bounds);
      for (const [index, { free, resolve }] of this.#collected.entries())
        resolve(readOutcome(responses[index], free));
      return batchId;
    } catch (error) {
      for (const { reject } of this.#collected) reject(error);
      throw error;
    }
  }

  #collect(
    { upload, ...request }: ActionRequest,
    free: readonly string[],
  ): Promise<Outcome<unknown>> {
    if (upload) throw new Error('A batch takes no uploads: send the action by itself');
    if (this.#isSent) throw new Error('This batch was sent already: collect others in a new one');
    const outcome = new Promise<Outcome<unknown>>((resolve, reject) => {
      this.#collected.push({ envelope: writeEnvelope(request), free, resolve, reject });
    });
    // The caller hears of it from `send` too.
    outcome.catch(() => undefined);
    return outcome;
  }
}

/** Reads the answer to a batch. @throws GatewayError for an answer of another form */
export function readBatch(body: unknown): BatchAnswer {
  const { batch_id: batchId, responses } = body as { batch_id?: unknown; responses?: unknown };
  if (!Array.isArray(responses) || typeof batchId !== 'string')
    throw new GatewayError('The answer to the batch cannot be read', { nothingSent: false });
  return { batchId, responses };
}
