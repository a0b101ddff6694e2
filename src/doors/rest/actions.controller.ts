import { Controller, Inject } from '@nestjs/common';
import { refuse } from '../../actions/door-refusal.js';
import { Timestamp } from '../../actions/fields.js';
import { isObject } from '../../actions/json.js';
import type { Outcome } from '../../actions/outcome.js';
import { CONFIG, type Config } from '../../config/config.js';
import { requireTimeAhead } from '../../execution/envelope-checks.js';
import { Executor } from '../../execution/executor.js';
import { ActionReader } from '../action-reader.js';
import { Batches, refuseIfUnavailable, requireBatchSize } from '../batch.js';
import { describeBatch, describeExecute } from '../contracts/action-operations.js';
import { BATCH_ANSWER, OUTCOME } from '../contracts/action-schemas.js';
import { Dialects } from '../door/dialects.js';
import { Uuid } from '../door/fields.js';
import { type RouteRequest, json, Route } from '../door/route.js';
import { withKey } from '../idempotency-header.js';
import { DETAILED_OUTCOME, describeDetails, type DetailedOutcome } from './action-details.js';
import { Form, type FormContent } from './form.js';
import { sendOutcome } from './outcome-reply.js';

class ActionId {
  @Uuid('The id that an answer gave')
  action_id!: string;
}

class MoveAction {
  @Timestamp('The new time, as an RFC 3339 time; at most a year ahead', {
    example: '2027-01-31T18:30:00Z',
  })
  run_at!: string;
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
    private readonly dialects: Dialects,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A body in the form of a dialect gets the answers of that dialect. */
  @Route({
    method: 'POST',
    path: '/api/v1/actions/execute',
    tag: 'Actions',
    summary: 'Carry out one action and answer with what really happened',
    needs: 'caller',
    security: EXECUTES,
    weight: 0,
    takesIdempotencyKey:
      'The same as `idempotency_key` in the body: the same key and content is carried out once',
    takesDeadline: true,
    readEnvelopes: (body) => [body],
    answers: {},
    catalogued: describeExecute,
  })
  async executeAction({ call, body, request, reply }: RouteRequest): Promise<void> {
    const { envelope: given, file } = await this.#open(body);
    const opened = file ? { ...call, file } : call;
    const [form] = this.dialects.findForms([given], request);
    if (form) return void reply.status(200).send(await form.execute(given, opened, request, reply));
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
    takesDeadline: true,
    readEnvelopes: listActions,
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
    const forms = this.dialects.findForms(envelopes, request);
    // In a mixed batch the caller is one of ours.
    const [form] = new Set(forms).size === 1 ? forms : [];
    return this.batches.execute(
      envelopes.map((envelope, index) => forms[index]?.translate(envelope, call) ?? envelope),
      form?.open(call) ?? call,
      (outcome, index) => forms[index]?.answer(outcome, envelopes[index]) ?? outcome,
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
    answers: { 200: json('The outcome as it is now', DETAILED_OUTCOME) },
  })
  async getAction({
    params,
    caller,
  }: RouteRequest<{ params: ActionId }>): Promise<DetailedOutcome> {
    const { outcome, entry } = await this.reader.readEntry(params.action_id, caller);
    return describeDetails(outcome, entry);
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

  @Route({
    method: 'PATCH',
    path: '/api/v1/actions/:action_id',
    tag: 'Actions',
    summary: 'Move a scheduled action to another time',
    description:
      'One that is not scheduled any more is left as it is, and answered with 409. Takes the permission `execute_actions`, for the actions of other callers also `read_audit`.',
    needs: ['execute_actions'],
    params: ActionId,
    body: MoveAction,
    answers: { 200: json('The outcome as it is now', OUTCOME) },
    refuses: [409],
  })
  moveAction({
    params,
    body,
    caller,
  }: RouteRequest<{ params: ActionId; body: MoveAction }>): Promise<Outcome> {
    requireTimeAhead(body);
    return this.reader.move(params.action_id, new Date(body.run_at).toISOString(), caller);
  }

  async #open(body: unknown): Promise<FormContent> {
    if (!(body instanceof Form)) return { envelope: body };
    const { MAX_MESSAGE_BYTES: maxEnvelope, REQUEST_BUDGET } = this.config;
    return body.open({ maxEnvelope, withinMs: REQUEST_BUDGET * 1_000 });
  }
}

/** The envelopes of a batch; none where there is no list of them. */
function listActions(body: unknown): readonly unknown[] {
  const actions: unknown = isObject(body) ? body['actions'] : undefined;
  return Array.isArray(actions) ? actions : [];
}
