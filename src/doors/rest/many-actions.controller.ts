import { Controller } from '@nestjs/common';
import { Flag, List } from '../../actions/fields.js';
import { type ChangedAction, ManyActions } from '../many-actions.js';
import { STATUS } from '../contracts/action-schemas.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineObject, describeMembers, TEXT, UUID_TEXT, YES_NO } from '../door/schema.js';

const MOST_CANCELLED = 500;
const MOST_REPLAYED = 100;
const ID = {
  minItems: 1,
  unique: true,
  pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  patternMeans: 'the id that an answer gave, a UUID in small letters',
};

class CancelActions {
  @List('The actions', { ...ID, maxItems: MOST_CANCELLED })
  action_ids!: string[];
}

class ReplayActions {
  @List('The actions', { ...ID, maxItems: MOST_REPLAYED })
  action_ids!: string[];

  @Flag('Also those with the status UNKNOWN, which may have happened', { default: false })
  including_unknown!: boolean;
}

interface ChangedActions {
  readonly results: readonly ChangedAction[];
}

const CHANGED_ACTIONS = defineObject<ChangedActions>('ChangedActions', {
  results: {
    type: 'array',
    description: 'One for each id, in their order',
    items: describeMembers<ChangedAction>(
      {
        action_id: UUID_TEXT,
        done: YES_NO,
        status: {
          anyOf: [STATUS, { const: '' }],
          description:
            'Of the action, or of the one that a replay made; empty where it is not known',
        },
        reason: { ...TEXT, description: 'Why not; empty where it is done' },
        new_action_id: { ...UUID_TEXT, description: 'The action that a replay made' },
      },
      ['new_action_id'],
    ),
  },
});

/** Many past and waiting actions at once. */
@Controller()
export class ManyActionsController {
  constructor(private readonly many: ManyActions) {}

  @Route({
    method: 'POST',
    path: '/api/v1/actions/cancel',
    tag: 'Actions',
    summary: 'Cancel queued and scheduled actions; each result says what became of its action',
    description:
      'Takes the permission `execute_actions`, for the actions of other callers also `read_audit`.',
    needs: ['execute_actions'],
    body: CancelActions,
    answers: { 200: json('What became of each', CHANGED_ACTIONS) },
  })
  async cancelActions({
    body,
    caller,
  }: RouteRequest<{ body: CancelActions }>): Promise<ChangedActions> {
    return { results: await this.many.cancel(body.action_ids, caller) };
  }

  @Route({
    method: 'POST',
    path: '/api/v1/actions/replay',
    tag: 'Actions',
    summary: 'Carry out again what failed, was refused or cancelled',
    description:
      'Each becomes a new action of the caller that asks, within its bounds, with the key `replay:` and the id of the first one: a repeat of this request acts no second time. What succeeded is not sent again. Envelopes are kept for REPLAY_HOURS. Takes the permission `execute_actions`, for the actions of other callers also `read_audit`.',
    needs: ['execute_actions'],
    weight: 0,
    body: ReplayActions,
    answers: { 200: json('What became of each', CHANGED_ACTIONS) },
  })
  async replayActions({
    body: { action_ids, including_unknown },
    call,
  }: RouteRequest<{ body: ReplayActions }>): Promise<ChangedActions> {
    return { results: await this.many.replay(action_ids, including_unknown, call) };
  }
}
