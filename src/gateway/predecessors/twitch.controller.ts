import { Controller, Inject, UseInterceptors } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Weighs } from '../caller.guard.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { CONFIG, type Config } from '../../config/config.js';
import { ActionReader } from '../action-reader.js';
import { Batches, requireBatchSize } from '../batch.js';
import { EarlierDoor } from './earlier-door.js';
import { noteRpcOutcome, readRpcWish, type Unary } from './grpc-services.js';
import type { Asked } from './predecessor.js';
import { encodeTexts, nameTwitchStatus, TWITCH, type TwitchAnswer } from './twitch.js';
import { TwitchForm } from './twitch-form.js';

const { service: SERVICE } = TWITCH.grpc;

/** The RPCs of the earlier Twitch service. */
@Controller()
@EarlierDoor('twitch')
@UseInterceptors(AuditInterceptor)
export class TwitchPredecessorController {
  constructor(
    private readonly earlier: TwitchForm,
    private readonly batches: Batches,
    private readonly reader: ActionReader,
    @Inject(CONFIG) private readonly config: Pick<Config, 'MAX_BATCH_SIZE'>,
  ) {}

  @GrpcMethod(SERVICE, 'ExecuteAction')
  @Weighs(0)
  async executeAction(asked: Asked, _metadata: unknown, unary: Unary): Promise<object> {
    const wish = readRpcWish(unary);
    const { outcome, answer } = await this.earlier.execute(asked, openedCall(unary), wish);
    noteRpcOutcome(unary, outcome);
    return encodeAnswer(answer);
  }

  /** Like the earlier service, nothing is made of a batch of nothing. */
  @GrpcMethod(SERVICE, 'BatchExecuteActions')
  @Weighs(0)
  async executeBatch(
    { actions }: { readonly actions: readonly Asked[] },
    _metadata: unknown,
    unary: Unary,
  ): Promise<object> {
    if (actions.length === 0)
      return { responses: [], total_count: 0, success_count: 0, failure_count: 0 };
    requireBatchSize(actions.length, this.config.MAX_BATCH_SIZE);
    const { isDryRun, idempotencyKey } = readRpcWish(unary);
    return this.batches.execute(
      actions.map((asked) => this.earlier.translate(asked, { isDryRun })),
      this.earlier.open(openedCall(unary)),
      (outcome, index) => encodeAnswer(this.earlier.answer(outcome, actions[index] ?? {})),
      idempotencyKey,
    );
  }

  /** The earlier service said "completed" of everything; this is what the log says. */
  @GrpcMethod(SERVICE, 'GetActionStatus')
  async getActionStatus(
    { action_id: id }: { readonly action_id: string },
    _metadata: unknown,
    unary: Unary,
  ): Promise<object> {
    const outcome = await this.reader.read(id, openedCall(unary).caller);
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
