import { Controller, Inject } from '@nestjs/common';
import { refuse } from '../../actions/door-refusal.js';
import { isObject } from '../../actions/json.js';
import type { Outcome } from '../../actions/outcome.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Executor } from '../../execution/executor.js';
import { ActionReader } from '../action-reader.js';
import { Batches, refuseIfUnavailable, requireBatchSize } from '../batch.js';
import { describeBatch, describeExecute } from '../contracts/action-operations.js';
import { BATCH_ANSWER, OUTCOME } from '../contracts/action-schemas.js';
import { Uuid } from '../door/fields.js';
import { type RouteRequest, json, Route } from '../door/route.js';
import { withKey } from '../idempotency-header.js';
import { noteOutcome, readEarlierOptions } from '../../predecessors/rest-routes.js';
import { isTwitchForm } from '../../predecessors/twitch.js';
import { TwitchForm } from '../../predecessors/twitch-form.js';
import { Form, type FormContent } from './form.js';
import { sendOutcome } from './outcome-reply.js';

class ActionId {
  @Uuid('The id that an answer gave')
  action_id!: string;
}

/** The recipe decides on each envelope, and answers with an outcome. */
const EXECUTES = [{ callerToken: ['execute_actions'] }];

/** The REST door for actions. */
@Controller()
export class ActionsController {
  constructor(
    private readonly executor: Executor,
    private readonly batches: Batches,
    private readonly reader: ActionReader,
    private readonly earlier: TwitchForm,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A body of the earlier Twitch service's form gets that service's answers. */
  @Route({
    method: 'POST',
    path: '/api/v1/actions/execute',
    tag: 'Actions',
    summary: 'Carry out one action and answer with what really happened',
    description:
      'A body with `broadcaster_id` and without `platform` is the form of the earlier Twitch ' +
      "service; it gets that service's answer, with the HTTP status 200 also when the action failed.",
    needs: 'caller',
    security: EXECUTES,
    weight: 0,
    takesIdempotencyKey:
      'The same as `idempotency_key` in the body: the same key and content is carried out once',
    earlier: { service: 'twitch', takes: isTwitchForm },
    answers: {},
    catalogued: describeExecute,
  })
  async executeAction({ call, body, request, reply }: RouteRequest): Promise<void> {
    const { envelope: given, file } = await this.#open(body);
    const opened = file ? { ...call, file } : call;
    if (isTwitchForm(given)) {
      const { outcome, answer } = await this.earlier.execute(
        given,
        opened,
        readEarlierOptions(request),
      );
      noteOutcome(reply, outcome);
      return void reply.status(200).send(answer);
    }
    const key = request.headers['idempotency-key'] as string | undefined;
    const outcome = await this.executor.execute(withKey(given ?? {}, key), opened);
    refuseIfUnavailable([outcome]);
    return sendOutcome(reply, outcome);
  }

  @Route({
    method: 'POST',
    path: '/api/v1/actions/batch',
    tag: 'Actions',
    summary: 'Carry out many actions; one that fails fails alone',
    description:
      'Answers 200 also when actions failed: each outcome says what became of its action.',
    needs: 'caller',
    security: EXECUTES,
    weight: 0,
    takesIdempotencyKey:
      'A key for the whole batch: the same key and envelopes are carried out once, and answered with the same outcomes',
    earlier: { service: 'twitch', takes: isTwitchBatch },
    answers: { 200: json('The outcomes, in the order of the envelopes', BATCH_ANSWER) },
    refuses: [422],
    catalogued: describeBatch,
  })
  async executeBatch({ call, body, request }: RouteRequest): Promise<object> {
    const actions: unknown = isObject(body) ? body['actions'] : undefined;
    if (actions !== undefined && !Array.isArray(actions))
      throw refuse.malformed('actions must be a list of envelopes');
    const envelopes: readonly unknown[] = actions ?? [];
    requireBatchSize(envelopes.length, this.config.MAX_BATCH_SIZE);
    return this.batches.execute(
      envelopes.map((item) => (isTwitchForm(item) ? this.earlier.translate(item) : item)),
      isTwitchBatch(body) ? this.earlier.open(call) : call,
      (outcome, index) => {
        const item = envelopes[index];
        return isTwitchForm(item) ? this.earlier.answer(outcome, item) : outcome;
      },
      request.headers['idempotency-key'] as string | undefined,
    );
  }

  @Route({
    method: 'GET',
    path: '/api/v1/actions/:action_id',
    tag: 'Actions',
    summary: "Tell what became of an action: one's own, or any with the permission read_audit",
    needs: 'caller',
    params: ActionId,
    answers: { 200: json('The outcome as it is now', OUTCOME) },
  })
  getAction({ params, caller }: RouteRequest<{ params: ActionId }>): Promise<Outcome> {
    return this.reader.read(params.action_id, caller);
  }

  @Route({
    method: 'DELETE',
    path: '/api/v1/actions/:action_id',
    tag: 'Actions',
    summary: 'Cancel a queued or scheduled action; any other is answered as it is',
    description:
      'Takes the permission `execute_actions`, for the actions of other callers also `read_audit`.',
    needs: ['execute_actions'],
    params: ActionId,
    answers: { 200: json('The outcome as it is now', OUTCOME) },
  })
  cancelAction({ params, caller }: RouteRequest<{ params: ActionId }>): Promise<Outcome> {
    return this.reader.cancel(params.action_id, caller);
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
