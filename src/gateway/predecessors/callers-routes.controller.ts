import { Controller, Inject, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FAILURES } from '../../actions/failures.js';
import type { Outcome } from '../../actions/outcome.js';
import { Weighs } from '../caller.guard.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Catalogue } from '../../execution/catalogue.js';
import {
  type CallersRequest,
  readAnnouncement,
  readCommand,
  readMessage,
  readModuleCall,
} from './callers-requests.js';
import { TakesIdempotencyKey } from '../caller.guard.js';
import { EarlierDoor } from './earlier-door.js';
import { PredecessorEngine } from './engine.js';
import { findModule } from './modules.js';
import type { PredecessorName } from './predecessor.js';
import { noteOutcome, readAsked, readWish } from './rest-routes.js';

/** Nothing that earlier callers repeat by themselves: whoever repeats what may have happened does it twice. */
const IN_DOUBT = 409;

/** The routes by which a router, a workflow and a hub spoke to all of the earlier services. */
@Controller('api/v1')
@EarlierDoor('any')
@Weighs(0)
@TakesIdempotencyKey()
@UseInterceptors(AuditInterceptor)
export class CallersRoutesController {
  constructor(
    private readonly engine: PredecessorEngine,
    private readonly catalogue: Catalogue,
    @Inject(CONFIG) private readonly config: Pick<Config, 'oldPorts'>,
  ) {}

  @Post('execute')
  async execute(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const wanted = readCommand(readAsked(request), this.#addressed(request), (platform, action) => {
      const needs = this.catalogue.findAction(platform, action)?.inputSchema['required'];
      return Array.isArray(needs) ? (needs as string[]) : undefined;
    });
    const outcome = await this.#carryOut(wanted, request);
    const { success, message, action_id, result_data, error } = outcome;
    send(reply, outcome, { success, message, action_id, result_data, error });
  }

  @Post('execute-module')
  async executeModule(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const outcome = await this.#carryOut(readModuleCall(readAsked(request)), request);
    const { success, message, action_id, result_data: output, error } = outcome;
    send(reply, outcome, { success, message, action_id, output, error });
  }

  @Post('send-message')
  async sendMessage(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const wanted = readMessage(readAsked(request), this.#addressed(request));
    sendMessageId(reply, await this.#carryOut(wanted, request));
  }

  @Post('send-announcement')
  async sendAnnouncement(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const wanted = readAnnouncement(readAsked(request), this.#addressed(request));
    sendMessageId(reply, await this.#carryOut(wanted, request));
  }

  #carryOut({ envelope, budgetMs }: CallersRequest, request: FastifyRequest): Promise<Outcome> {
    return this.engine.execute(envelope, openedCall(request), readWish(request), budgetMs);
  }

  #addressed(request: FastifyRequest): PredecessorName | undefined {
    return findModule(request, this.config)?.name;
  }
}

/** These callers take any 2xx for a success. */
function send(reply: FastifyReply, outcome: Outcome, body: object): void {
  const { failure, status } = outcome;
  noteOutcome(reply, outcome);
  if (!failure) return void reply.status(200).send(body);
  const http = status === 'UNKNOWN' ? IN_DOUBT : FAILURES[failure.code].http;
  void reply.status(http).send({ ...body, code: failure.code, retryable: failure.retryable });
}

function sendMessageId(reply: FastifyReply, outcome: Outcome): void {
  const { success, message, action_id, error } = outcome;
  const { message_id: id } = outcome.result_data;
  send(reply, outcome, {
    success,
    message,
    action_id,
    ...(success && id !== undefined && { message_id: id, id }),
    ...(!success && { error }),
  });
}
