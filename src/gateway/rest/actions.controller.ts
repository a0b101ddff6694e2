import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Req,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isObject } from '../../actions/json.js';
import { Weighs } from '../caller.guard.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Executor } from '../../execution/executor.js';
import { TakesIdempotencyKey } from '../caller.guard.js';
import { ActionReader } from '../action-reader.js';
import { Batches, refuseIfUnavailable, requireBatchSize } from '../batch.js';
import { EarlierDoor } from '../predecessors/earlier-door.js';
import { noteOutcome, readWish } from '../predecessors/rest-routes.js';
import { isTwitchForm } from '../predecessors/twitch.js';
import { TwitchForm } from '../predecessors/twitch-form.js';
import { refuse } from '../../actions/door-refusal.js';
import { withKey } from '../idempotency-header.js';
import { Form, type FormContent } from './form.js';
import { sendOutcome } from './outcome-reply.js';

/** The REST door for actions. */
@Controller('api/v1/actions')
@UseInterceptors(AuditInterceptor)
export class ActionsController {
  constructor(
    private readonly executor: Executor,
    private readonly batches: Batches,
    private readonly reader: ActionReader,
    private readonly earlier: TwitchForm,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A body of the earlier Twitch service's form gets that service's answers. */
  @Post('execute')
  @Weighs(0)
  @TakesIdempotencyKey()
  @EarlierDoor('twitch', isTwitchForm)
  async execute(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { envelope: given, file } = await this.#open(body);
    const call = { ...openedCall(request), ...(file && { file }) };
    if (isTwitchForm(given)) {
      const { outcome, answer } = await this.earlier.execute(given, call, readWish(request));
      noteOutcome(reply, outcome);
      return void reply.status(200).send(answer);
    }
    const outcome = await this.executor.execute(withKey(given ?? {}, key), call);
    refuseIfUnavailable([outcome]);
    return sendOutcome(reply, outcome);
  }

  @Post('batch')
  @Weighs(0)
  @TakesIdempotencyKey()
  @HttpCode(200)
  @EarlierDoor('twitch', isTwitchBatch)
  async batch(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const actions: unknown = isObject(body) ? body['actions'] : undefined;
    if (actions !== undefined && !Array.isArray(actions))
      throw refuse.malformed('actions must be a list of envelopes');
    const envelopes: readonly unknown[] = actions ?? [];
    requireBatchSize(envelopes.length, this.config.MAX_BATCH_SIZE);
    const call = openedCall(request);
    return this.batches.execute(
      envelopes.map((item) => (isTwitchForm(item) ? this.earlier.translate(item) : item)),
      isTwitchBatch(body) ? this.earlier.open(call) : call,
      (outcome, index) => {
        const item = envelopes[index];
        return isTwitchForm(item) ? this.earlier.answer(outcome, item) : outcome;
      },
      key,
    );
  }

  @Get(':action_id')
  async read(
    @Param('action_id') actionId: string,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    return this.reader.read(actionId, openedCall(request).caller);
  }

  @Delete(':action_id')
  async cancel(
    @Param('action_id') actionId: string,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    return this.reader.cancel(actionId, openedCall(request).caller);
  }

  async #open(body: unknown): Promise<FormContent> {
    if (!(body instanceof Form)) return { envelope: body };
    const { MAX_MESSAGE_BYTES: maxEnvelope, REQUEST_BUDGET } = this.config;
    return body.open({ maxEnvelope, withinMs: REQUEST_BUDGET * 1_000 });
  }
}

/** A batch of the earlier form alone; in a mixed one the caller is one of ours. */
function isTwitchBatch(body: unknown): boolean {
  const actions = isObject(body) ? body['actions'] : undefined;
  return Array.isArray(actions) && actions.length > 0 && actions.every(isTwitchForm);
}
