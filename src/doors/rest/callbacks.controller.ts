import { Controller } from '@nestjs/common';
import { refuse } from '../../actions/door-refusal.js';
import { Choice, Integer, Text } from '../../actions/fields.js';
import {
  CALLBACK_STATES,
  type CallbackReport,
  Callbacks,
  type CallbackState,
} from '../../queue/callbacks.js';
import { Uuid } from '../door/fields.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import {
  defineObject,
  describeMembers,
  MOMENT,
  TEXT,
  TIME,
  UUID_TEXT,
  WHOLE,
} from '../door/schema.js';

class ListCallbacks {
  @Choice('Those in this state alone, such as `dead`', CALLBACK_STATES, { optional: true })
  state?: CallbackState;

  @Text('Goes on where a list ended, with its `next_cursor`', { optional: true, max: 64 })
  cursor?: string;

  @Integer('How many at most', { min: 1, max: 500, default: 100 })
  limit!: number;
}

class CallbackPath {
  @Uuid('The action whose callback it is')
  action_id!: string;
}

interface CallbackPage {
  readonly callbacks: readonly CallbackReport[];
  readonly next_cursor: string;
}

interface ReplayedCallback {
  readonly action_id: string;
  readonly state: 'due';
}

const CALLBACK_PAGE = defineObject<CallbackPage>('Callbacks', {
  callbacks: {
    type: 'array',
    items: describeMembers<CallbackReport>(
      {
        action_id: UUID_TEXT,
        state: { type: 'string', enum: [...CALLBACK_STATES] },
        tries: { ...WHOLE, minimum: 0 },
        host: { ...TEXT, description: 'Of its address, which may hold a secret' },
        next_at: MOMENT,
        last_error: TEXT,
        created_at: TIME,
        settled_at: MOMENT,
      },
      ['next_at', 'settled_at'],
    ),
  },
  next_cursor: { ...TEXT, description: 'Empty at the end' },
});

const REPLAYED_CALLBACK = defineObject<ReplayedCallback>('ReplayedCallback', {
  action_id: UUID_TEXT,
  state: { const: 'due' },
});

/** Callbacks: which were delivered, which were not, and delivering one again. */
@Controller()
export class CallbacksController {
  constructor(private readonly callbacks: Callbacks) {}

  @Route({
    method: 'GET',
    path: '/api/v1/callbacks',
    tag: 'Actions',
    summary: 'List callbacks: one’s own, or all with the permission read_audit',
    needs: 'caller',
    query: ListCallbacks,
    answers: { 200: json('Callbacks in the order of their actions', CALLBACK_PAGE) },
  })
  async listCallbacks({
    caller,
    query,
  }: RouteRequest<{ query: ListCallbacks }>): Promise<CallbackPage> {
    const { state, cursor, limit } = query;
    const callbacks = await this.callbacks.list(caller, { state, after: cursor, limit });
    const isWhole = callbacks.length < limit;
    return { callbacks, next_cursor: isWhole ? '' : (callbacks.at(-1)?.action_id ?? '') };
  }

  @Route({
    method: 'POST',
    path: '/api/v1/callbacks/:action_id/replay',
    tag: 'Actions',
    summary: 'Deliver a callback again, also a dead one',
    description:
      'Takes the permission `execute_actions`, for the actions of other callers also `read_audit`.',
    needs: ['execute_actions'],
    params: CallbackPath,
    answers: { 202: json('It is due', REPLAYED_CALLBACK) },
  })
  async replayCallback({
    caller,
    params,
  }: RouteRequest<{ params: CallbackPath }>): Promise<ReplayedCallback> {
    const { action_id } = params;
    if (!(await this.callbacks.replay(action_id.toLowerCase(), caller)))
      throw refuse.notFound(`No callback of ${action_id} is known that could be delivered again`);
    return { action_id, state: 'due' };
  }
}
