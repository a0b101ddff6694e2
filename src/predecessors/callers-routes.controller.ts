import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FAILURES } from '../actions/failures.js';
import type { Outcome } from '../actions/outcome.js';
import type { Call } from '../callers/call.js';
import { CONFIG, type Config } from '../config/config.js';
import { Catalogue } from '../execution/catalogue.js';
import { Route, type RouteRequest } from '../doors/door/route.js';
import {
  type CallersContext,
  type CallersRequest,
  readAnnouncement,
  readCommand,
  readMessage,
  readModuleCall,
} from './callers-requests.js';
import { describeFields, describeMembers, EARLIER_REFUSALS, EARLIER_SECURITY } from './describe.js';
import { PredecessorEngine } from './engine.js';
import { findModule } from './modules.js';
import {
  EARLIER_KEY,
  setOutcomeHeaders,
  readEarlierRequest,
  readEarlierOptions,
} from './rest-routes.js';

/** A status that earlier callers do not retry: an action whose outcome is unknown could be done twice. */
const IN_DOUBT = 409;

/** What the four routes have in common. */
function declare(
  name: string,
  summary: string,
  takes: readonly string[],
  gives: readonly string[],
) {
  return {
    method: 'POST',
    path: `/api/v1/${name}`,
    tag: 'Earlier services',
    summary,
    needs: 'caller',
    security: EARLIER_SECURITY,
    weight: 0,
    takesIdempotencyKey: EARLIER_KEY,
    dialect: 'callers-of-all',
    rawBody: describeFields(takes),
    answers: { 200: describeMembers('Done', gives), ...EARLIER_REFUSALS },
  } as const;
}

/** The routes by which a router, a workflow and a hub spoke to all of the earlier services. */
@Controller()
export class CallersRoutesController {
  constructor(
    private readonly engine: PredecessorEngine,
    private readonly catalogue: Catalogue,
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'oldPorts' | 'entities' | 'PREDECESSOR_COMMAND_PREFIXES'>,
  ) {}

  @Route(
    declare(
      'execute',
      "Carry out a command, in the router's form",
      ['command', 'args', 'platform', 'entity_id', 'community_id', 'session_id', 'message'],
      ['success', 'message', 'action_id', 'result_data', 'error'],
    ),
  )
  async executeCommand({ call, request, reply }: RouteRequest): Promise<void> {
    const wanted = readCommand(readEarlierRequest(request), this.#describe(request));
    const outcome = await this.#carryOut(wanted, call, request);
    const { success, message, action_id, result_data, error } = outcome;
    send(reply, outcome, { success, message, action_id, result_data, error });
  }

  @Route(
    declare(
      'execute-module',
      "Carry out an action, in the workflow's form",
      ['module_name', 'input', 'entity_id', 'session_id'],
      ['success', 'message', 'action_id', 'output', 'error'],
    ),
  )
  async executeModule({ call, request, reply }: RouteRequest): Promise<void> {
    const wanted = readModuleCall(readEarlierRequest(request), this.#describe(request));
    const outcome = await this.#carryOut(wanted, call, request);
    const { success, message, action_id, result_data: output, error } = outcome;
    send(reply, outcome, { success, message, action_id, output, error });
  }

  @Route(
    declare(
      'send-message',
      "Send a message, in the workflow's or the hub's form",
      ['platform', 'message', 'entity_id', 'server_id', 'channel_id', 'target_user_id'],
      ['success', 'message', 'action_id'],
    ),
  )
  async sendMessage({ call, request, reply }: RouteRequest): Promise<void> {
    const wanted = readMessage(readEarlierRequest(request), this.#describe(request));
    sendMessageId(reply, await this.#carryOut(wanted, call, request));
  }

  @Route(
    declare(
      'send-announcement',
      "Announce something, in the hub's form",
      ['platform', 'message', 'server_id', 'channel_id'],
      ['success', 'message', 'action_id'],
    ),
  )
  async sendAnnouncement({ call, request, reply }: RouteRequest): Promise<void> {
    const wanted = readAnnouncement(readEarlierRequest(request), this.#describe(request));
    sendMessageId(reply, await this.#carryOut(wanted, call, request));
  }

  #carryOut(
    { envelope, budgetMs, apart }: CallersRequest,
    call: Call,
    request: FastifyRequest,
  ): Promise<Outcome> {
    const options = readEarlierOptions(request);
    return this.engine.execute(envelope, { ...call, apart }, options, budgetMs);
  }

  #describe(request: FastifyRequest): CallersContext {
    return {
      addressed: findModule(request, this.config)?.name,
      entities: this.config.entities,
      prefixes: this.config.PREDECESSOR_COMMAND_PREFIXES,
      listNeeds: (platform, action) => {
        const schema = this.catalogue.findAction(platform, action)?.inputSchema;
        const needs = schema?.['required'];
        return Array.isArray(needs) ? (needs as string[]) : undefined;
      },
    };
  }
}

/** These callers take any 2xx for a success. */
function send(reply: FastifyReply, outcome: Outcome, body: object): void {
  const { failure, status } = outcome;
  setOutcomeHeaders(reply, outcome);
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
