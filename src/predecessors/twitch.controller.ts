import { Controller, Inject } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { ActionReader } from '../doors/action-reader.js';
import { Batches, requireBatchSize } from '../doors/batch.js';
import { nameService } from '../doors/door/dialects.js';
import { Unary, type UnaryRequest } from '../doors/door/rpc.js';
import { sendOutcomeMetadata, readRpcOptions } from './grpc-services.js';
import type { EarlierRequest } from './predecessor.js';
import { encodeTexts, nameTwitchStatus, TWITCH, type TwitchAnswer } from './twitch.js';
import { TwitchForm } from './twitch-form.js';

const DECLARED = {
  service: nameService(TWITCH.grpc),
  needs: 'caller',
  dialect: 'twitch',
} as const;

/** The RPCs of the earlier Twitch service. */
@Controller()
export class TwitchPredecessorController {
  constructor(
    private readonly earlier: TwitchForm,
    private readonly batches: Batches,
    private readonly reader: ActionReader,
    @Inject(CONFIG) private readonly config: Pick<Config, 'MAX_BATCH_SIZE'>,
  ) {}

  @Unary({ ...DECLARED, method: 'ExecuteAction', weight: 0 })
  async executeAction({ message, call, unary }: UnaryRequest<EarlierRequest>): Promise<object> {
    const { outcome, answer } = await this.earlier.carryOut(message, call, readRpcOptions(unary));
    sendOutcomeMetadata(unary, outcome);
    return encodeAnswer(answer);
  }

  /** Like the earlier service, nothing is made of a batch of nothing. */
  @Unary({ ...DECLARED, method: 'BatchExecuteActions', weight: 0 })
  async executeBatch({
    message: { actions },
    call,
    unary,
  }: UnaryRequest<{ readonly actions: readonly EarlierRequest[] }>): Promise<object> {
    if (actions.length === 0)
      return { responses: [], total_count: 0, success_count: 0, failure_count: 0 };
    requireBatchSize(actions.length, this.config.MAX_BATCH_SIZE);
    const { isDryRun, idempotencyKey } = readRpcOptions(unary);
    return this.batches.execute(
      actions.map((asked) => this.earlier.translate(asked, call, { isDryRun })),
      this.earlier.open(call),
      (outcome, index) => encodeAnswer(this.earlier.answer(outcome, actions[index] ?? {})),
      idempotencyKey,
    );
  }

  /** The earlier service said "completed" of everything; this is what the log says. */
  @Unary({ ...DECLARED, method: 'GetActionStatus' })
  async getActionStatus({
    message: { action_id: id },
    caller,
  }: UnaryRequest<{ readonly action_id: string }>): Promise<object> {
    const outcome = await this.reader.read(id, caller);
    const { action_id, message, error, status, failure, result_data } = outcome;
    return {
      action_id,
      status: nameTwitchStatus(outcome),
      message: error || message,
      metadata: encodeTexts({
        ...result_data,
        action_status: status,
        ...(failure && { failure_code: failure.code, retryable: failure.retryable }),
      }),
    };
  }
}

function encodeAnswer({ result_data, ...plain }: TwitchAnswer): object {
  return { ...plain, result_data: encodeTexts(result_data) };
}
