import { Controller, Inject } from '@nestjs/common';
import { refuse } from '../../actions/door-refusal.js';
import { ActionFailure, refuseInput } from '../../actions/failures.js';
import { Choice, Integer, Text } from '../../actions/fields.js';
import {
  CALLBACK_STATES,
  type CallbackReport,
  Callbacks,
  type CallbackState,
} from '../../queue/callbacks.js';
import { CONFIG, type Config } from '../../config/config.js';
import { SignedPost } from '../../execution/signed-post.js';
import { makeActionId } from '../../journal/action-id.js';
import { AuditEvents } from '../../journal/audit-events.js';
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
  YES_NO,
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

class TestCallback {
  @Text('Where to send the test delivery', {
    max: 2048,
    example: 'https://router.example/outcomes',
  })
  callback_url!: string;
}

/** What became of a test delivery. */
interface CallbackTest {
  readonly delivered: boolean;
  /** The HTTP status of the answer; null without one. */
  readonly status: number | null;
  readonly error: string;
}

const CALLBACK_TEST = defineObject<CallbackTest>('CallbackTest', {
  delivered: { ...YES_NO, description: 'Whether it was answered with a status of 2xx' },
  status: { type: ['integer', 'null'], description: 'Of the answer; null without one' },
  error: { ...TEXT, description: 'Why it was not delivered; empty where it was' },
});

/** Test deliveries of one address in a minute: each makes the gateway send a request. */
const TESTS_PER_MINUTE = 10;

/** Callbacks: which were delivered, which were not, and delivering one again. */
@Controller()
export class CallbacksController {
  constructor(
    private readonly callbacks: Callbacks,
    private readonly post: SignedPost,
    private readonly events: AuditEvents,
    @Inject(CONFIG) private readonly config: Pick<Config, 'callbackSecrets'>,
  ) {}

  @Route({
    method: 'POST',
    path: '/api/v1/callbacks/test',
    tag: 'Actions',
    summary: 'Send one signed test delivery, and tell how it was answered',
    description:
      'It is signed as callbacks are, has the type `test`, and is not repeated. The same addresses are allowed as for callbacks.',
    needs: ['execute_actions'],
    weight: 10,
    perMinute: TESTS_PER_MINUTE,
    body: TestCallback,
    answers: { 200: json('What became of it', CALLBACK_TEST) },
  })
  async testCallback({
    caller,
    body: { callback_url },
  }: RouteRequest<{ body: TestCallback }>): Promise<CallbackTest> {
    if (this.config.callbackSecrets.length === 0)
      throw refuse.malformed(
        'callback_url needs CALLBACK_SECRETS, which this gateway does not have: no callback is sent',
      );
    const test = await this.#test(callback_url);
    await this.events.note({
      kind: 'callback.tested',
      callerId: caller.identity,
      ...(caller.owner !== undefined && { owner: caller.owner }),
      // The rest of an address may hold a secret.
      subject: `callback/${readHost(callback_url)}`,
      details: { delivered: test.delivered, status: test.status },
    });
    return test;
  }

  async #test(url: string): Promise<CallbackTest> {
    const text = this.post.write({
      id: `test.${makeActionId()}`,
      type: 'test',
      sentAt: new Date(),
      data: {},
    });
    try {
      const status = await this.post.post(url, text);
      const delivered = status >= 200 && status < 300;
      return { delivered, status, error: delivered ? '' : `It answered ${status}` };
    } catch (error) {
      if (!(error instanceof ActionFailure)) throw error;
      if (error.code === 'INVALID_INPUT')
        throw refuseInput([{ field: 'callback_url', message: error.message }]);
      return { delivered: false, status: null, error: error.message };
    }
  }

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

function readHost(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
